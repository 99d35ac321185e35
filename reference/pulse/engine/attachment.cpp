#include "engine/attachment.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace loophole::pulse {

using engine::EngineState;

Attachment::Attachment(net::Context& context, net::Loop& loop, AttachmentOptions options)
    : EngineKeeper(context, loop, options.hello_deadline), options_(std::move(options)), delay_(options_.first_delay) {}

Attachment::~Attachment() {
  if (timer_) loop().cancel(*timer_);
  disconnect();
}

void Attachment::start() {
  if (state() == EngineState::absent && !timer_ && !connected()) dial();
}

Result<void> Attachment::restart() {
  return make_error(errors::kEngineUnavailable,
                    "the engine at " + options_.endpoint + " was not started by this Pulse; start it again where it was started");
}

void Attachment::dial() {
  timer_.reset();
  if (auto connecting = connect(options_.endpoint); !connecting) return set_state(EngineState::failed, to_string(connecting.error()));
  // Of one that does not come the state is absent until it does; "starting" every two seconds would help nobody.
  if (!std::exchange(dialled_in_vain_, false)) set_state(EngineState::starting, "waiting for the engine at " + options_.endpoint);
}

void Attachment::connection_ended(const std::string& why) {
  give_up_connection(why);
}

void Attachment::give_up_connection(const std::string& reason) {
  if (stopping_ || timer_) return;
  // Not now: this may be called from within the connection that is to go.
  timer_ = loop().after(std::chrono::nanoseconds(0), [this, reason] { dial_again(reason); });
}

void Attachment::dial_again(const std::string& why) {
  const bool was_engine = link().has_value();
  disconnect();
  if (was_engine) {
    mark_lost(Clock::now());
    count_restart();
    delay_ = options_.first_delay;
    set_state(EngineState::lost, "the engine at " + options_.endpoint + " is gone: " + why);
  } else {
    dialled_in_vain_ = true;
    if (state() != EngineState::absent)
      set_state(EngineState::absent, "no engine answers at " + options_.endpoint + " (" + why + "); it is dialled on");
    delay_ = std::min(delay_ * 2, options_.longest_delay);
  }
  timer_ = loop().after(delay_, [this] { dial(); });
}

void Attachment::stop(std::function<void()> done) {
  stopping_ = true;
  if (timer_) loop().cancel(*std::exchange(timer_, std::nullopt));
  say_goodbye();
  if (done) done();
}

}  // namespace loophole::pulse
