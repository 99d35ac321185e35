#include "plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <vector>

namespace loophole::bench {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 320;
constexpr double kLeft = 72;
constexpr double kRight = 20;
constexpr double kTop = 14;
constexpr double kBottom = 46;
constexpr std::size_t kFewSamples = 40;  // each gets a dot
constexpr double kLogarithmicFrom = 8;   // largest by smallest value

__attribute__((format(printf, 1, 2))) std::string format(const char* form, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, form);
  std::vsnprintf(text.data(), text.size(), form, arguments);
  va_end(arguments);
  return text.data();
}

struct Lines {
  std::vector<const Distribution*> all;
  double least = 0;  // more than 0
  double most = 0;
  double last_nines = 1;  // the right end of the axis
};

double nines(double share) {
  return -std::log10(1 - share);
}

// The part of a goal that is a line: a bound in the unit of the measurement.
std::vector<double> goals_of(const Measurement& m) {
  std::vector<double> goals;
  for (const Limit& limit : m.limits)
    if (limit.unit == m.unit && limit.bound == Bound::at_most && std::ranges::find(goals, limit.goal) == goals.end())
      goals.push_back(limit.goal);
  return goals;
}

Lines lines_of(const Measurement& m) {
  Lines lines;
  if (m.floor) lines.all.push_back(&*m.floor);
  for (const Distribution& d : m.beside) lines.all.push_back(&d);
  lines.all.push_back(&m.ours);  // over the others
  const auto include = [&](double value) {
    lines.most = std::max(lines.most, value);
    if (value > 0) lines.least = lines.least > 0 ? std::min(lines.least, value) : value;
  };
  for (const Distribution* d : lines.all) {
    for (const CurvePoint& point : d->curve) {
      include(point.value);
      lines.last_nines = std::max(lines.last_nines, nines(point.share));
    }
  }
  for (const double goal : goals_of(m)) include(goal);
  if (lines.most <= 0) lines.least = lines.most = 1;  // nothing but zeros
  return lines;
}

// The vertical axis: linear from 0, or logarithmic where values are far apart.
class Scale {
 public:
  Scale(double least, double most) : is_logarithmic_(most / least >= kLogarithmicFrom) {
    if (is_logarithmic_) {
      low_ = std::log10(least) - 0.05;
      high_ = std::log10(most) + 0.05;
      for (int power = static_cast<int>(std::floor(low_)); power <= static_cast<int>(std::ceil(high_)); ++power)
        for (const int step : {1, 2, 5}) add(step * std::pow(10.0, power));
      if (ticks_.size() > 9) std::erase_if(ticks_, [](double tick) { return !is_power(tick); });
    } else {
      high_ = most * 1.08;
      const double power = std::pow(10.0, std::floor(std::log10(high_ / 5)));
      double step = power;
      for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        step = factor * power;
        if (high_ / step <= 6) break;
      }
      for (int i = 0; i * step <= high_; ++i) add(i * step);
    }
  }
  [[nodiscard]] double y(double value) const {
    const double at = is_logarithmic_ ? (value > 0 ? std::log10(value) : low_) : value;
    const double share = std::clamp((at - low_) / (high_ - low_), 0.0, 1.0);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
  [[nodiscard]] const std::vector<double>& ticks() const noexcept { return ticks_; }

 private:
  static bool is_power(double value) {
    const double power = std::log10(value);
    return std::abs(power - std::round(power)) < 1e-9;
  }
  void add(double tick) {
    const double at = is_logarithmic_ ? std::log10(tick) : tick;
    if (at >= low_ && at <= high_) ticks_.push_back(tick);
  }
  bool is_logarithmic_;
  double low_ = 0;
  double high_ = 1;
  std::vector<double> ticks_;
};

std::string tick_text(double value) {
  if (value >= 1'000) return number(value);
  return format("%.4g", value);
}

std::string name_of_nines(int count) {
  if (count == 1) return "90 %";
  if (count == 2) return "99 %";
  return "99." + std::string(static_cast<std::size_t>(count - 2), '9') + " %";
}

std::string grid_of(const Scale& scale, double last_nines, const auto& x) {
  std::string svg;
  for (const double tick : scale.ticks()) {
    const double y = scale.y(tick);
    svg += format(R"(<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>)", kLeft, y, kWidth - kRight, y);
    svg += format(R"(<text class="label" x="%.1f" y="%.1f" text-anchor="end">%s</text>)", kLeft - 8, y + 4, tick_text(tick).c_str());
    svg += '\n';
  }
  const auto vertical = [&](double at, const std::string& name) {
    svg += format(R"(<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>)", x(at), kTop, x(at), kHeight - kBottom);
    svg += format(R"(<text class="label" x="%.1f" y="%.1f" text-anchor="middle">%s</text>)", x(at), kHeight - kBottom + 18, name.c_str());
    svg += '\n';
  };
  vertical(0, "0 %");
  vertical(nines(0.5), "50 %");
  for (int count = 1; count <= last_nines + 1e-9; ++count) vertical(count, name_of_nines(count));
  return svg;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string plot_of(const Measurement& m) {
  const Lines lines = lines_of(m);
  const Scale scale(lines.least, lines.most);
  const auto x = [&](double at) { return kLeft + at / lines.last_nines * (kWidth - kLeft - kRight); };

  std::string svg = format(R"(<svg viewBox="0 0 %.0f %.0f" role="img" aria-label=")", kWidth, kHeight);
  svg += escaped(m.what + ", " + m.unit + " over percentile: p50 " + number(m.ours.at.p50) + ", p99 " + number(m.ours.at.p99));
  if (m.floor) svg += escaped("; floor p50 " + number(m.floor->at.p50) + ", p99 " + number(m.floor->at.p99));
  svg += "\">\n";
  svg += grid_of(scale, lines.last_nines, x);
  svg += format(R"(<text class="axis" x="%.1f" y="%.1f" text-anchor="middle">share of the samples below</text>)",
                kLeft + (kWidth - kLeft - kRight) / 2, kHeight - 8);
  svg += format(R"svg(<text class="axis" transform="translate(14 %.1f) rotate(-90)" text-anchor="middle">%s</text>)svg",
                kTop + (kHeight - kTop - kBottom) / 2, escaped(m.unit).c_str());
  svg += '\n';
  for (const double goal : goals_of(m)) {
    const double y = scale.y(goal);
    svg += format(R"(<line class="goal" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>)", kLeft, y, kWidth - kRight, y);
    svg +=
        format(R"(<text class="goal" x="%.1f" y="%.1f">goal %s</text>)", kLeft + 6, y + (y < kTop + 20 ? 14 : -5), tick_text(goal).c_str());
    svg += '\n';
  }
  for (const Distribution* d : lines.all) {
    const char* name = d == &m.ours ? "ours" : m.floor && d == &*m.floor ? "floor" : "beside";
    svg += format(R"(<polyline class="%s" points=")", name);
    for (const CurvePoint& point : d->curve) svg += format("%.1f,%.1f ", x(nines(point.share)), scale.y(point.value));
    svg += "\"><title>" + escaped(d->what) + "</title></polyline>\n";
    if (d->samples <= kFewSamples) {
      for (const CurvePoint& point : d->curve)
        svg += format(R"(<circle class="dot %s" cx="%.1f" cy="%.1f" r="3"><title>%s %s</title></circle>)", name, x(nines(point.share)),
                      scale.y(point.value), number(point.value).c_str(), escaped(m.unit).c_str());
      svg += '\n';
      continue;
    }
    if (d != &m.ours) continue;
    const auto dot = [&](double share, double value) {
      if (nines(share) > nines(d->curve.back().share) + 1e-9) return;
      svg += format(R"(<circle class="dot ours" cx="%.1f" cy="%.1f" r="3.5"><title>%g %% below %s %s</title></circle>)", x(nines(share)),
                    scale.y(value), share * 100, number(value).c_str(), escaped(m.unit).c_str());
    };
    dot(0.5, d->at.p50);
    dot(0.9, d->at.p90);
    dot(0.99, d->at.p99);
    dot(0.999, d->at.p999);
    svg += '\n';
  }
  return svg + "</svg>\n";
}

}  // namespace loophole::bench
