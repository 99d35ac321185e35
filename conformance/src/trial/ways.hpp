#pragma once
// Ways: what a seat of the suite that answers commands does otherwise than a good one would, for commands of one type.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "loophole/core/error.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::conformance {

// [owner-thread].
class Ways {
 public:
  template <class C>
  void refuse(Error error, int times) {
    ways_[std::string(C::kName)].errors.assign(static_cast<std::size_t>(times), std::move(error));
  }
  template <class C>
  void change(std::function<void(const C&, typename C::Reply&)> by) {
    ways_[std::string(C::kName)].change = [by = std::move(by)](const wire::Message& command, const wire::Payload& reply) {
      typename C::Reply changed = *reply.as<typename C::Reply>();
      by(*command.as<C>(), changed);
      return wire::Payload::of(std::move(changed));
    };
  }
  template <class C>
  void hold() {
    ways_[std::string(C::kName)].held = true;
  }
  void release() {
    for (auto& [name, way] : ways_) way.held = false;
  }

  [[nodiscard]] bool holds(const std::string& name) { return ways_[name].held; }
  // The error that this command is to be answered with now; each counts once.
  [[nodiscard]] std::optional<Error> refusal(const std::string& name) {
    Way& way = ways_[name];
    if (way.errors.empty()) return std::nullopt;
    Error error = std::move(way.errors.front());
    way.errors.pop_front();
    return error;
  }
  [[nodiscard]] wire::Payload changed(const wire::Message& command, wire::Payload reply) {
    const Way& way = ways_[command.header.name];
    return way.change ? way.change(command, reply) : reply;
  }

 private:
  struct Way {
    std::deque<Error> errors;
    std::function<wire::Payload(const wire::Message&, const wire::Payload&)> change;
    bool held = false;
  };
  std::map<std::string, Way> ways_;
};

}  // namespace loophole::conformance
