// Telemetry: protocol/telemetry.md, framing.md and engine.md.
#include <algorithm>

#include "aura/rig.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/wire/topic.hpp"

namespace loophole::conformance::aura_cases {
namespace {

std::string topics(const Deck& deck) {
  std::string text = "subscribed to:";
  for (const std::string& topic : deck.topics()) text += " '" + topic + "'";
  return text;
}

bool watches(const Deck& deck) {
  return std::ranges::any_of(deck.topics(), [](const std::string& one) { return one.starts_with("meters"); });
}

std::string meters_topic(const Deck& deck) {
  const auto found = std::ranges::find_if(deck.topics(), [](const std::string& one) { return one.starts_with("meters"); });
  return found == deck.topics().end() ? "meters" : *found;
}

// Whether the peer does not say that it believes something else than the newest frame of meters. Nothing is proved by it.
std::optional<std::string> meters_contradict(Trial& t) {
  if (!has(t.setting().command, "{driver}")) return std::nullopt;
  Host& host = t.host();
  std::string last = "the peer does not say what it believes";
  const std::string topic = meters_topic(host.deck());
  const std::uint64_t from = host.deck().sequence(topic);
  const bool newer = soon(t, [&] {
    const auto belief = t.driver().ask();
    if (!belief) return false;
    last = "the peer says: " + belief->text + "\nthe newest frame of meters is " + std::to_string(host.deck().sequence(topic)) +
           " of epoch " + std::to_string(host.deck().link().epoch);
    return belief->meters_epoch == static_cast<std::uint64_t>(host.deck().link().epoch) && belief->meters_sequence.value_or(0) > from &&
           *belief->meters_sequence <= host.deck().sequence(topic);
  });
  if (newer) return std::nullopt;
  return last;
}

// The peer goes on: it stays, is still subscribed, and does not say that the newest frames are lost on it.
void goes_on(Trial& t, std::string_view check) {
  const bool there = stays(t) && watches(t.host().deck());
  const auto other = there ? meters_contradict(t) : std::nullopt;
  t.check(check, there && !other, there ? other.value_or("") : topics(t.host().deck()) + "; " + t.host().text());
}

}  // namespace

void add_telemetry_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.telemetry.subscribes",
      .title = "Telemetry is subscribed to at the endpoint of the engine link",
      .steps = "Tell the peer to watch meters, where it can be told; wait for the subscription.",
      .level = Level::wire,
      .checks = {{"subscribed", {"FRM-1", "FRM-20"}, "a subscription comes, at the endpoint that the hello told"},
                 {"topics", {"FRM-22"}, "each is a topic"}},
      .run =
          [](Trial& t) {
            Host& host = watcher(t);
            t.check("subscribed", host.deck().subscriptions() > 0, topics(host.deck()));
            const bool good =
                std::ranges::all_of(host.deck().topics(), [](const std::string& one) { return wire::Topic::parse(one).has_value(); });
            t.check("topics", good, topics(host.deck()));
          },
      .capability = "telemetry",
  });
  cases.push_back({
      .id = "aura.telemetry.bad-frames",
      .title = "Frames that are no good are dropped, and the next good one is taken",
      .steps =
          "Send, on a topic that the peer watches: no bytes, garbage, the identifier of another frame, one that nobody knows, a frame cut "
          "short, one part, three parts, a frame above the limit; each between good ones.",
      .level = Level::required,
      .checks = {{"garbage", {"FRM-31", "FRM-32", "FRM-33", "SEC-16"}, "bytes that are no frame are survived"},
                 {"identifier", {"FRM-30", "FRM-32"}, "another identifier, and one that nobody knows, are survived"},
                 {"cut", {"FRM-31"}, "a frame that is cut short is survived"},
                 {"parts", {"FRM-3"}, "one part, and three, are survived"},
                 {"envelope", {"FRM-5"}, "an envelope on the telemetry plane is survived"},
                 {"large", {"FRM-32"}, "a frame above the limit is survived"}},
      .run =
          [](Trial& t) {
            Host& host = watcher(t);
            Deck& deck = host.deck();
            const std::string topic = meters_topic(deck);
            deck.send({topic, ""}, "no bytes");
            deck.send({topic, "1234567"}, "seven bytes");
            deck.send({topic, std::string(300, '\xff')}, "300 bytes of 255");
            goes_on(t, "garbage");
            deck.send({topic, deck.frame("transport")}, "a TransportPosition as meters");
            deck.send({topic, deck.frame(topic).replace(4, 4, "LPXX")}, "an identifier that nobody knows");
            deck.send({topic, deck.frame(topic).replace(4, 4, "LPPS")}, "the identifier of the stream plane");
            goes_on(t, "identifier");
            const std::string whole = deck.frame(topic);
            for (std::size_t size = 1; size < whole.size(); size += 7)
              deck.send({topic, whole.substr(0, size)}, std::to_string(size) + " bytes of a frame");
            goes_on(t, "cut");
            deck.send({topic}, "a topic alone");
            deck.send({topic, deck.frame(topic), "more"}, "three parts");
            goes_on(t, "parts");
            deck.send({topic, host.text_of(next_change(host))}, "an envelope");
            goes_on(t, "envelope");
            deck.send({topic, deck.frame(topic) + std::string(1'048'576, '\0')}, "a frame above the limit");
            goes_on(t, "large");
          },
      .capability = "telemetry",
  });
  cases.push_back({
      .id = "aura.telemetry.odd-frames",
      .title = "Gaps, frames of another epoch and fields that nobody knows harm nothing",
      .steps = "Leave out a thousand numbers; send nothing for a second; send frames of another epoch and old ones again.",
      .level = Level::required,
      .checks = {{"gap", {"FRM-33"}, "after a gap the peer goes on"},
                 {"pause", {"FRM-33"}, "after a second without frames the peer goes on"},
                 {"epoch", {"ENG-9"}, "frames of another epoch are dropped: the peer does not say that it has one"},
                 {"again", {"FRM-33"}, "frames that come again are survived"}},
      .run =
          [](Trial& t) {
            Host& host = watcher(t);
            Deck& deck = host.deck();
            const std::string topic = meters_topic(deck);
            if (!t.wait([&] { return deck.sequence(topic) > 1; })) throw SuiteFault("the suite's engine sends no telemetry");
            deck.skip(1'000);
            goes_on(t, "gap");
            deck.pause();
            t.pass(Milliseconds(1'000));
            deck.go_on();
            goes_on(t, "pause");
            const auto epoch = static_cast<std::uint64_t>(deck.link().epoch);
            deck.send({topic, deck.frame(topic, epoch + 1, 1)}, "a frame of the next epoch");
            deck.send({topic, deck.frame(topic, epoch - 1, 1'000'000'000)}, "a frame of the epoch before");
            goes_on(t, "epoch");
            const std::string old = deck.frame(topic, epoch, 1);
            deck.send({topic, old}, "a frame with an old number");
            deck.send({topic, old}, "and again");
            goes_on(t, "again");
          },
      .capability = "telemetry",
  });
  cases.push_back({
      .id = "aura.telemetry.later-frames",
      .title = "Frames with a field that the peer does not know are taken",
      .steps = "Send frames with a field of a later version, and no others; look whether the peer goes on.",
      .level = Level::required,
      .checks = {{"taken", {"FRM-34"}, "the peer goes on, and does not say that it took none of them"}},
      .run =
          [](Trial& t) {
            Host& host = watcher(t);
            host.deck().speak_later();
            goes_on(t, "taken");
          },
      .capability = "telemetry",
  });
  cases.push_back({
      .id = "aura.telemetry.engine-restarts",
      .title = "After a restart of the engine telemetry goes on at the new link",
      .steps = "The engine dies, and comes back with other endpoints and another epoch.",
      .level = Level::required,
      .checks = {{"again", {"ENG-63", "FRM-20"}, "the peer subscribes at the new endpoint"}, {"goes-on", {"ENG-63"}, "and goes on there"}},
      .run =
          [](Trial& t) {
            Host& host = watcher(t);
            host.engine_dies();
            t.pass(Milliseconds(300));
            host.engine_returns();
            t.require("again", t.wait([&] { return watches(host.deck()); }), topics(host.deck()));
            goes_on(t, "goes-on");
          },
      .capability = "telemetry",
  });
  cases.push_back({
      .id = "aura.telemetry.another-pulse",
      .title = "A Pulse that was started again tells the engine link in its hello",
      .steps = "Pulse and engine die; another Pulse comes, with another engine.",
      .level = Level::required,
      .checks = {{"again", {"FRM-20", "ENG-63"}, "the peer subscribes at the endpoint of the new engine"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 1'000;
            Host& host = watcher(t);
            host.die();
            t.pass(Milliseconds(200));
            host.rise();
            t.check("again", t.wait([&] { return watches(host.deck()); }, 2 * t.patience() + Milliseconds(3'000)),
                    topics(host.deck()) + "; " + host.text());
          },
      .capability = "telemetry",
  });
}

}  // namespace loophole::conformance::aura_cases
