#include "parse.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace loophole::wire::detail {
namespace {

Fault syntax_fault(std::size_t position, std::string_view near) {
  return {"", rule::kSyntax, "JSON in UTF-8", "byte " + std::to_string(position) + (near.empty() ? "" : ": " + quoted_sample(near))};
}

// nlohmann's interface for events. Returning false stops the parser.
template <class Sink>
class Adapter {
 public:
  Adapter(Sink& sink, std::size_t max_depth) : sink_(sink), max_depth_(max_depth) {}

  [[nodiscard]] std::optional<Fault> fault() && { return std::move(fault_); }

  bool null() { return scalar(Scalar::of_null()); }
  bool boolean(bool value) { return scalar(Scalar::of(value)); }
  bool number_integer(std::int64_t value) { return scalar(Scalar::of(value)); }
  bool number_unsigned(std::uint64_t value) { return scalar(Scalar::of(value)); }
  bool number_float(double value, const std::string& /*text*/) { return scalar(Scalar::of(value)); }
  bool string(std::string& value) { return scalar(Scalar::of(std::string_view(value))); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }  // not in JSON text

  bool start_object(std::size_t /*size*/) {
    if (!enter()) return false;
    sink_.start_object();
    return true;
  }
  bool key(std::string& name) {
    sink_.key(name);
    return true;
  }
  bool end_object() {
    --depth_;
    sink_.end_object();
    return true;
  }
  bool start_array(std::size_t /*size*/) {
    if (!enter()) return false;
    sink_.start_array();
    return true;
  }
  bool end_array() {
    --depth_;
    sink_.end_array();
    return true;
  }
  // Also for numbers that no double can hold, such as 1e999.
  bool parse_error(std::size_t position, const std::string& last_token, const nlohmann::json::exception& /*error*/) {
    fault_ = syntax_fault(position, last_token);
    return false;
  }

 private:
  bool scalar(const Scalar& value) {
    sink_.scalar(value);
    return true;
  }
  bool enter() {
    if (++depth_ <= max_depth_) return true;
    fault_ = Fault{"", rule::kDepth, "nested at most " + std::to_string(max_depth_) + " deep", "more"};
    return false;
  }

  Sink& sink_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
  std::optional<Fault> fault_;
};

template <class Sink>
std::optional<Fault> run(std::string_view text, const DecodeLimits& limits, Sink& sink) {
  // The Tape counts in 32 bits.
  const std::size_t max_bytes = std::min<std::size_t>(limits.max_bytes, std::numeric_limits<std::uint32_t>::max());
  if (text.size() > max_bytes)
    return Fault{"", rule::kSize, "at most " + std::to_string(max_bytes) + " bytes", std::to_string(text.size()) + " bytes"};
  // nlohmann takes a zero byte for the end of the text and steps over a byte order mark; neither is JSON.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) return syntax_fault(zero, {});
  if (text.starts_with("\xEF\xBB\xBF")) return syntax_fault(0, {});

  Adapter<Sink> adapter(sink, limits.max_depth);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &adapter)) return std::nullopt;
  auto fault = std::move(adapter).fault();
  return fault ? fault : syntax_fault(0, {});
}

}  // namespace

std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, ValueDecoder& sink) {
  return run(text, limits, sink);
}
std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, EnvelopeDecoder& sink) {
  return run(text, limits, sink);
}
std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, Tape& sink) {
  return run(text, limits, sink);
}
std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, SalvageReader& sink) {
  return run(text, limits, sink);
}

}  // namespace loophole::wire::detail
