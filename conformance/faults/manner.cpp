#include "manner.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

namespace loophole::conformance::faults {
namespace {

constexpr std::chrono::milliseconds kTogether{20};  // answers closer than that change places
constexpr std::size_t kSmall = 65'536;              // bytes; a larger message might come to be beyond its limit (ENV-39, ENV-45)
constexpr std::string_view kSpaces[] = {" ", "\r\n", "\t", "\n  ", "  "};

// Where a manner looks into a message, and leaves alone what is none.
class Looking : public Manner {
 public:
  Texts pass(const std::string& text, Moment now) final {
    Json message = Json::parse(text, nullptr, false);
    return message.is_object() ? take(std::move(message), text, now) : Texts{text};
  }

 private:
  virtual Texts take(Json message, const std::string& text, Moment now) = 0;
};

void put_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789aBcDeF";  // both cases are hexadecimal
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(unit >> static_cast<unsigned>(shift)) & 15U];
}

// Valid UTF-8, as a parser gives it.
void put_escaped(std::string& out, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    std::uint32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t n = 1; n < length; ++n) point = (point << 6U) | (static_cast<unsigned char>(text[at + n]) & 0x3FU);
    at += length;
    if (point >= 0x10000U) {
      put_unit(out, 0xD800U + ((point - 0x10000U) >> 10U));
      put_unit(out, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
    } else {
      put_unit(out, point);
    }
  }
}

// The same number in another form: its digits stay, so it is parsed to the same value.
std::string number(const std::string& plain, Writing::Numbers form) {
  const auto mark = plain.find_first_of("eE");
  const std::string digits = plain.substr(0, mark);
  int exponent = mark == std::string::npos ? 0 : std::stoi(plain.substr(mark + 1));
  const auto point = digits.find('.');
  if (form == Writing::Numbers::fraction && mark == std::string::npos) return point == std::string::npos ? plain + ".0" : plain + "00";
  if (form != Writing::Numbers::exponent) return plain;
  std::string whole = digits;
  if (point != std::string::npos) {
    exponent -= static_cast<int>(digits.size() - point - 1);
    whole.erase(point, 1);
  }
  const bool negative = whole.front() == '-';
  whole.erase(0, negative ? 1 : 0);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));  // JSON has no zeros in front
  return (negative ? "-" : "") + whole + "e" + (exponent < 0 ? "" : "+") + std::to_string(exponent);
}

class Writer {
 public:
  explicit Writer(const Writing& how) : how_(how) {}
  std::string text(const Json& value) {
    space();
    put(value);
    space();
    return std::move(out_);
  }

 private:
  void space() {
    if (how_.spaced) out_ += kSpaces[next_++ % std::size(kSpaces)];
  }
  void mark(char c) {
    space();
    out_ += c;
    space();
  }
  void put_text(const std::string& value) {
    if (!how_.escaped) {
      out_ += Json(value).dump();
      return;
    }
    out_ += '"';
    put_escaped(out_, value);
    out_ += '"';
  }
  void put(const Json& value) {
    if (value.is_object()) {
      std::vector<std::pair<std::string, const Json*>> members;
      for (const auto& [name, member] : value.items()) members.emplace_back(name, &member);
      if (how_.reversed) std::ranges::reverse(members);
      out_ += '{';
      space();
      for (std::size_t n = 0; n < members.size(); ++n) {
        if (n > 0) mark(',');
        put_text(members[n].first);
        mark(':');
        put(*members[n].second);
      }
      space();
      out_ += '}';
    } else if (value.is_array()) {
      out_ += '[';
      space();
      for (std::size_t n = 0; n < value.size(); ++n) {
        if (n > 0) mark(',');
        put(value[n]);
      }
      space();
      out_ += ']';
    } else if (value.is_string()) {
      put_text(value.get_ref<const std::string&>());
    } else {
      out_ += value.is_number() ? number(value.dump(), how_.numbers) : value.dump();
    }
  }

  const Writing& how_;
  std::string out_;
  std::size_t next_ = 0;
};

class Writes final : public Looking {
 public:
  explicit Writes(Writing how) : how_(how) {}

 private:
  Texts take(Json message, const std::string& text, Moment) override {
    std::string other = written(message, how_);
    return {other.size() <= kSmall ? std::move(other) : text};
  }
  Writing how_;
};

class Ids final : public Looking {
 public:
  Ids(std::size_t length, std::shared_ptr<IdBook> book) : length_(length), book_(std::move(book)) {}

 private:
  Texts take(Json message, const std::string& text, Moment) override {
    const std::string id = member(message, "id");
    if (id.empty()) return {text};
    auto [known, fresh] = book_->try_emplace(id);
    if (fresh) {
      std::string& name = known->second;
      for (std::size_t left = book_->size() - 1;; left /= kLetters.size()) {
        name += kLetters[left % kLetters.size()];
        if (left < kLetters.size()) break;
      }
      if (name.size() < length_) name.insert(0, length_ - name.size(), '-');
    }
    message["id"] = known->second;
    return {message.dump()};
  }
  static constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  std::size_t length_;
  std::shared_ptr<IdBook> book_;
};

class BeatsOften final : public Looking {
  Texts take(Json message, const std::string& text, Moment) override {
    if (!is(message, "event", "session.heartbeat")) return {text};
    const auto count = message["payload"]["sequence"].get<std::uint64_t>() * 2;
    message["payload"]["sequence"] = count;
    const std::string first = message.dump();
    message["id"] = member(message, "id") + "-b";
    message["payload"]["sequence"] = count + 1;
    return {first, message.dump()};
  }
};

class TellsProgress final : public Looking {
  Texts take(Json message, const std::string& text, Moment) override {
    const std::string kind = member(message, "kind");
    // A command that comes again gets the answer of before: nothing is under way then.
    if (kind != "reply" || member(message, "name") == "session.hello" || member(message, "cid").empty() ||
        !answered_.insert(member(message, "id")).second)
      return {text};
    Json event{{"v", 1},
               {"id", member(message, "id") + "-p"},
               {"cid", message["cid"]},
               {"ts", message["ts"]},
               {"origin", message["origin"]},
               {"target", message["target"]},
               {"kind", "event"},
               {"name", "operation.progress"},
               {"payload", {{"step", "Nearly done"}}}};
    return {event.dump(), text};
  }
  std::set<std::string> answered_;
};

class SwapsAnswers final : public Looking {
  Texts take(Json message, const std::string& text, Moment now) override {
    const std::string kind = member(message, "kind");
    const bool answer = (kind == "reply" || kind == "error") && !member(message, "cid").empty();
    if (answer && !held_ && member(message, "name") != "session.hello") {
      held_ = text;
      cid_ = member(message, "cid");
      until_ = now + kTogether;
      return {};
    }
    if (!held_) return {text};
    if (answer && member(message, "cid") != cid_ && member(message, "name") != "session.hello")
      return {text, *std::exchange(held_, std::nullopt)};
    // What another command caused may come in between; answers to the same one, and last words, keep their order.
    if (kind == "event" && member(message, "name") != "session.goodbye" && member(message, "cid").empty()) return {text};
    return {*std::exchange(held_, std::nullopt), text};
  }
  Texts due(Moment now) override { return held_ && now >= until_ ? Texts{*std::exchange(held_, std::nullopt)} : Texts{}; }
  bool holds() const override { return held_.has_value(); }
  std::optional<std::string> held_;
  std::string cid_;
  Moment until_;
};

class Late final : public Manner {
 public:
  explicit Late(std::chrono::milliseconds most) : most_(most) {}
  Texts pass(const std::string& text, Moment now) override {
    if (is(Json::parse(text, nullptr, false), "event", "session.goodbye")) {  // what ends a process is not late
      Texts all = due(Moment::max());
      all.push_back(text);
      return all;
    }
    constexpr int kSteps = 7;
    step_ = (step_ + 3) % kSteps;
    const Moment at = now + most_ * step_ / (kSteps - 1);
    waiting_.emplace_back(waiting_.empty() ? at : std::max(at, waiting_.back().first), text);
    return {};
  }
  Texts due(Moment now) override {
    Texts texts;
    for (; !waiting_.empty() && waiting_.front().first <= now; waiting_.pop_front()) texts.push_back(std::move(waiting_.front().second));
    return texts;
  }
  bool holds() const override { return !waiting_.empty(); }

 private:
  std::chrono::milliseconds most_;
  int step_ = 0;
  std::deque<std::pair<Moment, std::string>> waiting_;
};

class Hooked final : public Manner {
 public:
  explicit Hooked(Hook hook) : hook_(std::move(hook)) {}
  Texts pass(const std::string& text, Moment) override { return hook_(text); }

 private:
  Hook hook_;
};

}  // namespace

Texts Manners::push(std::size_t from, Texts texts, Moment now) {
  for (; from < manners_.size(); ++from) {
    Texts next;
    for (const std::string& text : texts)
      for (std::string& one : manners_[from]->pass(text, now)) next.push_back(std::move(one));
    texts = std::move(next);
  }
  return texts;
}

Texts Manners::due(Moment now) {
  Texts all;
  for (std::size_t n = 0; n < manners_.size(); ++n)
    for (std::string& one : push(n + 1, manners_[n]->due(now), now)) all.push_back(std::move(one));
  return all;
}

bool Manners::holds() const {
  return std::ranges::any_of(manners_, [](const auto& one) { return one->holds(); });
}

std::string written(const Json& value, const Writing& how) {
  return Writer(how).text(value);
}

std::unique_ptr<Manner> writes(Writing how) {
  return std::make_unique<Writes>(how);
}
std::unique_ptr<Manner> ids_of(std::size_t length, std::shared_ptr<IdBook> book) {
  return std::make_unique<Ids>(length, std::move(book));
}
std::unique_ptr<Manner> beats_often() {
  return std::make_unique<BeatsOften>();
}
std::unique_ptr<Manner> tells_progress() {
  return std::make_unique<TellsProgress>();
}
std::unique_ptr<Manner> swaps_answers() {
  return std::make_unique<SwapsAnswers>();
}
std::unique_ptr<Manner> late(std::chrono::milliseconds most) {
  return std::make_unique<Late>(most);
}
std::unique_ptr<Manner> as_manner(Hook hook) {
  return std::make_unique<Hooked>(std::move(hook));
}

}  // namespace loophole::conformance::faults
