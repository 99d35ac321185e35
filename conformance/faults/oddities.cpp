// Legal oddities: peers that use the freedoms of the specification, and that every level up to `required` must find conformant.
//
// Not among them, because a sender may not: members, labels, events and fields that the schema does not have (ENV-6, ENV-12, HELLO-16), and
// codes that a command does not list (ERR-8).
#include <algorithm>
#include <map>
#include <tuple>

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

// To read a message of 16 MiB takes the time of a lease on a slow machine.
Hook of_small_ones(Hook hook) {
  constexpr std::size_t kSmall = 262'144;
  return [hook = std::move(hook)](const std::string& text) -> Texts { return text.size() > kSmall ? Texts{text} : hook(text); };
}

// --- Of an Aura, which asks: what answers name by the other id, it gets by its own.
Hook with_own_ids(std::shared_ptr<IdBook> book) {
  return edit([book = std::move(book)](Json& m) {
    const auto own = [&](Json& id) {
      if (!id.is_string()) return false;
      const auto known = std::ranges::find_if(*book, [&](const auto& each) { return each.second == id; });
      if (known == book->end()) return false;
      id = known->first;
      return true;
    };
    bool changed = m.contains("cid") && own(m["cid"]);
    if (is(m, "event", "project.changed") && m["payload"].contains("cause")) changed = own(m["payload"]["cause"]["commandId"]) || changed;
    return changed;
  });
}

// HELLO-5, HELLO-18, HELLO-31: a hello and a goodbye with all that they may have.
Hook other_greeting() {
  return edit([](Json& m) {
    if (is(m, "event", "session.goodbye")) m["payload"]["message"] = "Auf Wiedersehen " + std::string(900, '.');
    if (!is(m, "command", "session.hello")) return is(m, "event", "session.goodbye");
    Json& hello = m["payload"];
    hello["clientId"] = "\xF0\x9F\x8E\x9B" + std::string(63, '&');
    hello["software"] = {{"name", "Ünïcode <b>"}, {"version", "0"}};
    hello["fingerprint"] = std::string(64, 'f');
    hello["instanceId"] = hello["instanceId"].get<std::string>() + std::string(64 - hello["instanceId"].get<std::string>().size(), '_');
    return true;
  });
}

// ENV-19: several commands before the first answer. What they are answered is of no use to the peer, and kept from it.
constexpr std::string_view kCurious = "curious-";
Hook asks_more() {
  return [count = std::make_shared<int>(0)](const std::string& text) -> Texts {
    Json m = parsed(text);
    Texts all{text};
    if (m.is_null() || !is(m, "command", "project.snapshot")) return all;
    for (const char* name : {"session.counters", "engine.status", "transport.state", "history.list"}) {
      m["id"] = std::string(kCurious) + std::to_string(++*count);
      m["name"] = name;
      m["payload"] = Json::object();
      all.push_back(m.dump());
    }
    return all;
  };
}
Hook without_more(Hook then) {
  return [then = std::move(then)](const std::string& text) -> Texts {
    Texts all = then(text);
    std::erase_if(all, [](const std::string& one) { return member(parsed(one), "cid").starts_with(kCurious); });
    return all;
  };
}

// FRM-22: topics in any of their forms, and more of them than one needs.
Hook more_topics() {
  return [](const std::string& said) -> Texts {
    return said == "\1meters" ? Texts{"\1stats", "\1meters@015", said, "\1spectrum/5"} : Texts{said};
  };
}
Hook other_frames() {
  return [](const std::string& frame) -> Texts {
    Texts all;
    for (const std::string& one : one_by_one(frame)) all.push_back(relaid(one));
    return all;
  };
}

void add_aura_oddities(std::vector<Fault>& oddities) {
  const auto add = [&oddities](Fault oddity) {
    oddity.role = "aura";
    oddities.push_back(std::move(oddity));
  };
  const auto words = [] { return together(as_manner(other_greeting()), as_manner(other_time())); };
  Fault more{.id = "legal-asks-more", .does = "several commands before the first answer", .from_peer = asks_more()};
  more.to_peer = of_small_ones(without_more([](const std::string& text) -> Texts { return {text}; }));
  add(more);
  Fault spoken{.id = "legal-words", .does = "other names, sentences and times for people, as long as they may be"};
  spoken.speaks = words;
  add(spoken);
  add({.id = "legal-frames", .does = "each sample in a frame of its own, in another layout", .stream = other_frames()});
  Fault topics{.id = "legal-topics", .does = "subscribes to more than it needs"};
  topics.subscription = more_topics();
  add(topics);

  const auto first = std::make_shared<IdBook>();
  Fault careful{.id = "legal-all-1",
                .does = "keys, long ids, heartbeats, words, commands at once; frames of one sample, relaid; more topics",
                .from_peer = asks_more(),
                .to_peer = of_small_ones(without_more(with_own_ids(first))),
                .stream = other_frames()};
  careful.subscription = more_topics();
  careful.speaks = [first] {
    return together(as_manner(other_greeting()), as_manner(other_time()), beats_often(), ids_of(64, first),
                    writes({.reversed = true, .spaced = true}));
  };
  add(careful);
  const auto second = std::make_shared<IdBook>();
  Fault careless{
      .id = "legal-all-2", .does = "escapes, exponents, short ids, late; a slow process", .to_peer = of_small_ones(with_own_ids(second))};
  careless.speaks = [second] {
    return together(ids_of(1, second), writes({.escaped = true, .numbers = Numbers::exponent}), late(milliseconds(60)));
  };
  careless.start_after = milliseconds(300);
  careless.end_after = milliseconds(300);
  careless.chatters = true;
  add(careless);
}

}  // namespace

void add_oddities(std::vector<Fault>& oddities) {
  const auto add = [&oddities](std::string_view role, Fault oddity) {
    oddity.role = role;
    oddities.push_back(std::move(oddity));
  };
  for (const std::string_view role : {"signal", "pulse", "aura"}) {
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
    for (const auto& [id, does, length] : {std::tuple{"legal-long-ids", "ids of 64 characters", std::size_t{64}},
                                           std::tuple{"legal-short-ids", "ids of one character or two", std::size_t{1}}}) {
      const auto book = std::make_shared<IdBook>();
      Fault oddity{.id = id, .does = does};
      oddity.speaks = [book, letters = length] { return together(ids_of(letters, book)); };
      if (role == "aura") oddity.to_peer = of_small_ones(with_own_ids(book));
      add(role, std::move(oddity));
    }
    speaks("legal-beats", "heartbeats twice as often as it must", [] { return together(beats_often()); });
    speaks("legal-late", "says everything up to 120 ms later", [] { return together(late(milliseconds(120))); });
    Fault process{.id = "legal-process", .does = "starts and ends slowly, and writes a lot to its standard streams"};
    process.start_after = milliseconds(800);
    process.end_after = milliseconds(500);
    process.chatters = true;
    add(role, process);
    if (role == "aura") continue;  // it answers nothing
    speaks("legal-progress", "operation.progress before each answer", [] { return together(tells_progress()); });
    speaks("legal-swapped", "answers in another order than their commands", [] { return together(swaps_answers()); });
    speaks("legal-words", "other names, sentences and times for people",
           [] { return together(as_manner(other_hello()), as_manner(other_sentences()), as_manner(other_time())); });
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

  add_aura_oddities(oddities);

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
