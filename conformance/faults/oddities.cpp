// Legal oddities: peers that use the freedoms of the specification, and that every level up to `required` must find conformant.
//
// Not among them, because a sender may not: members, labels, events and fields that the schema does not have (ENV-6, ENV-12, HELLO-16), and
// codes that a command does not list (ERR-8).
#include <map>

#include "legal_frames.hpp"
#include "manner.hpp"

namespace loophole::conformance::faults {
namespace {

using std::chrono::milliseconds;
using Numbers = Writing::Numbers;

constexpr std::uint64_t kHighSequence = std::uint64_t{1} << 52U;

template <class... Each>
std::unique_ptr<Manners> together(Each... each) {
  std::vector<std::unique_ptr<Manner>> list;
  (list.push_back(std::move(each)), ...);
  return std::make_unique<Manners>(std::move(list));
}

// HELLO-18, HELLO-28: names for people, and an interval that is longer than the one that is kept.
Hook other_hello() {
  return edit([](Json& m) {
    if (!is(m, "reply", "session.hello")) return false;
    m["payload"]["software"] = {{"name", "Ünïcode \xF0\x9F\x8E\x9B & <b>"}, {"version", "0"}};
    m["payload"]["fingerprint"] = std::string(64, 'f');
    m["payload"]["heartbeatIntervalMs"] = m["payload"]["leaseMs"].get<int>() / 4;
    return true;
  });
}

// ERR-1: sentences are for people. What was there stays in them, where the specification asks for it.
Hook other_sentences() {
  return edit([](Json& m) {
    if (!m.contains("error") || !m["error"].is_object()) return false;
    m["error"]["message"] = "Das geht so nicht: " + m["error"]["message"].get<std::string>();
    if (m["error"].contains("expected")) m["error"]["expected"] = "something else";
    return true;
  });
}

// ENV-10: `ts` is for logs.
Hook other_time() {
  return edit([](Json& m) {
    m["ts"] = "1999-12-31T23:59:59.999999999Z";
    return true;
  });
}

// MODEL-34: the label of a step is for people, and the same wherever it stands.
void relabel(Json& value) {
  if (value.is_object() && value.contains("label") && value["label"].is_string())
    value["label"] = "Étape « " + value["label"].get<std::string>() + " »";
  if (value.is_structured())
    for (Json& each : value) relabel(each);
}
Hook other_labels() {
  return edit([](Json& m) {
    const std::string name = member(m, "name");
    if (!m.contains("payload") || (name != "project.changed" && name != "project.changes" && !name.starts_with("history."))) return false;
    if (name == "project.changed") {
      Json& label = m["payload"]["label"];
      label = "Étape « " + label.get<std::string>() + " »";
      return true;
    }
    if (name == "project.changes") {
      for (Json& each : m["payload"]["transactions"]) each["label"] = "Étape « " + each["label"].get<std::string>() + " »";
      return true;
    }
    relabel(m["payload"]);
    return true;
  });
}

// TEL-6: frames get lost, one at a time and several in a row.
std::function<Texts(const std::string&, const std::string&)> loses() {
  return [counts = std::map<std::string, int>()](const std::string& topic, const std::string& frame) mutable -> Texts {
    const int n = counts[topic]++;
    const bool lost = n % 9 == 4 || (n % 53 >= 20 && n % 53 < 24);
    return lost ? Texts{} : Texts{frame};
  };
}

std::function<Texts(const std::string&, const std::string&)> each_frame(std::function<std::string(const std::string&)> change) {
  return [change = std::move(change)](const std::string&, const std::string& frame) -> Texts { return {change(frame)}; };
}

}  // namespace

void add_oddities(std::vector<Fault>& oddities) {
  const auto add = [&oddities](std::string_view role, Fault oddity) {
    oddity.role = role;
    oddities.push_back(std::move(oddity));
  };
  for (const std::string_view role : {"signal", "pulse"}) {
    const auto speaks = [&](std::string_view id, std::string_view does, std::function<std::unique_ptr<Manners>()> how) {
      Fault oddity{.id = id, .does = does};
      oddity.speaks = std::move(how);
      add(role, std::move(oddity));
    };
    speaks("legal-keys", "members from the last to the first, between all white space that there is",
           [] { return together(writes({.reversed = true, .spaced = true})); });
    speaks("legal-escapes", "every character as \\uXXXX", [] { return together(writes({.escaped = true})); });
    speaks("legal-fractions", "1 as 1.0", [] { return together(writes({.numbers = Numbers::fraction})); });
    speaks("legal-exponents", "0.25 as 25e-2", [] { return together(writes({.numbers = Numbers::exponent})); });
    speaks("legal-long-ids", "ids of 64 characters", [book = std::make_shared<IdBook>()] { return together(ids_of(64, book)); });
    speaks("legal-short-ids", "ids of one character or two", [book = std::make_shared<IdBook>()] { return together(ids_of(1, book)); });
    speaks("legal-beats", "heartbeats twice as often as it must", [] { return together(beats_often()); });
    speaks("legal-progress", "operation.progress before each answer", [] { return together(tells_progress()); });
    speaks("legal-swapped", "answers in another order than their commands", [] { return together(swaps_answers()); });
    speaks("legal-late", "says everything up to 120 ms later", [] { return together(late(milliseconds(120))); });
    speaks("legal-words", "other names, sentences and times for people",
           [] { return together(as_manner(other_hello()), as_manner(other_sentences()), as_manner(other_time())); });
    Fault process{.id = "legal-process", .does = "starts and ends slowly, and writes a lot to its standard streams"};
    process.start_after = milliseconds(800);
    process.end_after = milliseconds(500);
    process.chatters = true;
    add(role, process);
  }
  add("signal", {.id = "legal-layout", .does = "frames in another layout", .telemetry = each_frame(relaid)});
  add("signal",
      {.id = "legal-sequence",
       .does = "sequence from a high number, readings in another order",
       .telemetry = each_frame([](const std::string& frame) { return readings_reversed(with_sequence_from(kHighSequence, frame)); })});
  add("signal", {.id = "legal-losses", .does = "a telemetry plane that loses frames", .telemetry = loses()});
  Fault labels{.id = "legal-labels", .does = "other labels for people"};
  labels.speaks = [] { return together(as_manner(other_labels())); };
  add("pulse", labels);
  const auto to_signal = [&](std::string_view id, std::string_view does, std::function<std::unique_ptr<Manners>()> how) {
    Fault oddity{.id = id, .does = does};
    oddity.speaks_to_signal = std::move(how);
    add("pulse", std::move(oddity));
  };
  to_signal("legal-keys-to-signal", "to its engine: members from the last to the first, white space, \\uXXXX, 25e-2",
            [] { return together(writes({.reversed = true, .escaped = true, .spaced = true, .numbers = Numbers::exponent})); });
  to_signal("legal-late-to-signal", "says everything to its engine up to 120 ms later", [] { return together(late(milliseconds(120))); });

  // All at once, as far as it goes together. These are what `selftest` judges by every case; the others say which freedom it is.
  for (const std::string_view role : {"signal", "pulse"}) {
    Fault careful{.id = "legal-all-1", .does = "keys, long ids, heartbeats, progress, swapped answers, words; frames relaid and lost"};
    careful.speaks = [role, book = std::make_shared<IdBook>()] {
      return together(as_manner(other_hello()), as_manner(other_sentences()), as_manner(other_time()),
                      as_manner(role == "pulse" ? other_labels() : Hook([](const std::string& text) -> Texts { return {text}; })),
                      beats_often(), tells_progress(), swaps_answers(), ids_of(64, book), writes({.reversed = true, .spaced = true}));
    };
    Fault careless{.id = "legal-all-2", .does = "escapes, exponents, short ids, late; a slow process; high sequences, readings reversed"};
    careless.speaks = [book = std::make_shared<IdBook>()] {
      return together(ids_of(1, book), writes({.escaped = true, .numbers = Numbers::exponent}), late(milliseconds(60)));
    };
    careless.start_after = milliseconds(300);
    careless.end_after = milliseconds(300);
    careless.chatters = true;
    if (role == "signal") {
      careful.telemetry = [lose = loses()](const std::string& topic, const std::string& frame) -> Texts {
        return lose(topic, relaid(frame));
      };
      careless.telemetry = each_frame([](const std::string& frame) { return readings_reversed(with_sequence_from(kHighSequence, frame)); });
    } else {
      careful.speaks_to_signal = [] {
        return together(writes({.reversed = true, .escaped = true, .spaced = true, .numbers = Numbers::exponent}));
      };
      careless.speaks_to_signal = [] { return together(late(milliseconds(60))); };
    }
    add(role, careful);
    add(role, careless);
  }
}

}  // namespace loophole::conformance::faults
