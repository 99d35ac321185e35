// Limits: protocol/envelope.md.
#include <algorithm>

#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {

void add_limit_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.limits.depth",
      .title = "Nesting is taken up to the limit and refused beyond it",
      .steps = "Send a command that is nested exactly as deep as the hello says; one deeper; a hundred thousand deep.",
      .level = Level::required,
      .checks = {{"within", {"ENV-38"}, "at the limit it is answered"},
                 {"beyond", {"SEC-16", "ENV-33"}, "one deeper is answered with envelope.tooLarge"},
                 {"far-beyond", {"SEC-16"}, "a hundred thousand deep hurts nobody"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const auto limit = static_cast<std::size_t>(pulse.reply().limits.max_depth);
            pulse.send_text(nested(envelope("n1", "graph.query", "{}"), limit), Meant::wrong);
            const Answer within = pulse.answer("n1");
            t.check("within", within.is_reply(), within.text());
            pulse.send_text(nested(envelope("n2", "graph.query", "{}"), limit + 1), Meant::wrong);
            const Answer beyond = pulse.answer_beyond_limit("n2");
            t.check("beyond", beyond.refused(errors::kEnvelopeTooLarge), beyond.text());
            pulse.send_text(std::string(100'000, '['), Meant::wrong);
            const Answer served = pulse.call(graph::Query{});
            t.check("far-beyond", served.is_reply(), served.text());
          },
  });
  cases.push_back({
      .id = "signal.limits.name",
      .title = "Each message has a size of its own",
      .steps = "Send graph.query of exactly 65,536 bytes, and of one more.",
      .level = Level::required,
      .checks = {{"within", {"ENV-38"}, "at the limit it is answered"},
                 {"beyond", {"ENV-33"}, "one byte more is answered with envelope.tooLarge"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            pulse.send_text(padded(envelope("z1", "graph.query", "{}"), 65'536), Meant::valid);
            const Answer within = pulse.answer("z1");
            t.check("within", within.is_reply(), within.text());
            pulse.send_text(padded(envelope("z2", "graph.query", "{}"), 65'537), Meant::wrong);
            const Answer beyond = pulse.answer("z2");
            t.check("beyond", beyond.refused(errors::kEnvelopeTooLarge), beyond.text());
          },
  });
  cases.push_back({
      .id = "signal.limits.message",
      .title = "A message of the greatest size is taken, and a greater one refused",
      .steps = "Send graph.replace padded to maxMessageBytes, and to one byte more.",
      .level = Level::required,
      .checks = {{"within", {"ENV-38"}, "at the limit it is answered with a reply"},
                 {"beyond", {"ENV-33", "SEC-16"}, "one byte more is answered with envelope.tooLarge"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const auto limit = static_cast<std::size_t>(pulse.reply().limits.max_message_bytes);
            pulse.send_text(padded(pulse.text_of(graph::Replace{.revision = 1, .graph = voice()}, "g1"), limit), Meant::wrong);
            const Answer within = pulse.answer("g1");
            t.check("within", within.is_reply(), within.text());
            pulse.send_text(padded(pulse.text_of(graph::Replace{.revision = 2, .graph = voice()}, "g2"), limit + 1), Meant::wrong);
            const Answer beyond = pulse.answer_beyond_limit("g2");
            t.check("beyond", beyond.refused(errors::kEnvelopeTooLarge), beyond.text());
            const Answer served = pulse.call(graph::Query{});
            t.check("stays", served.is_reply(), served.text());
          },
  });
  cases.push_back({
      .id = "signal.limits.large-graph",
      .title = "A large graph is a graph",
      .steps = "Put a graph of 2,000 gains in a row.",
      .level = Level::required,
      .checks = {{"taken", {"ENV-38"}, "it is answered with a reply"}, {"digest", {"DIG-1", "ENG-26"}, "with its digest"}},
      .run =
          [](Trial& t) {
            std::vector<graph::GraphNode> nodes{tone("tone", 1)};
            for (int i = 0; i < 2'000; ++i) nodes.push_back(gain("gain-" + std::to_string(i), 10 + i));
            nodes.push_back(output());
            const graph::Graph large = chain(std::move(nodes));
            const Answer answer = t.pulse().call(graph::Replace{.revision = 1, .graph = large});
            const auto* reply = answer.as<graph::AppliedReply>();
            t.require("taken", reply != nullptr, answer.text());
            t.check("digest", reply->digest == wire::graph_digest(large), answer.text());
          },
  });
  cases.push_back({
      .id = "signal.limits.large-twice",
      .title = "A large command that arrives twice at once is executed once, and heartbeats go on meanwhile",
      .steps = "Put a graph; send a patch that adds 2,000 nodes twice, with the same id and without waiting; take both answers.",
      .level = Level::required,
      .checks = {{"both", {"ENV-43", "ENV-14"}, "each arrival is answered, with the same revision and digest"},
                 {"once", {"ENV-43", "ENV-24"}, "it was executed once: graph.applied came once, and the revision rose by one"},
                 {"beats", {"HELLO-33", "HELLO-28"}, "the engine is never silent for a lease meanwhile"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            while (pulse.event<graph::Applied>({}, Milliseconds(0)) != nullptr) {
            }
            graph::Patch patch{.base_revision = 1, .revision = 2};
            for (int i = 0; i < 2'000; ++i)
              patch.operations.emplace_back(graph::AddNode{.node = gain("extra-" + std::to_string(i), 100 + i)});
            const std::string text = pulse.text_of(patch, "l1");
            pulse.send_text(text, Meant::valid);
            pulse.send_text(text, Meant::valid);
            std::vector<Answer> answers;
            auto heard = std::chrono::steady_clock::now();
            std::size_t received = pulse.received();
            std::chrono::steady_clock::duration silence{};
            (void)t.wait(
                [&] {
                  const auto now = std::chrono::steady_clock::now();
                  silence = std::max(silence, now - heard);
                  if (pulse.received() != received) heard = now;
                  received = pulse.received();
                  Answer answer = pulse.come("l1");
                  if (answer.came()) answers.push_back(std::move(answer));
                  return answers.size() == 2;
                },
                t.patience_after(lease_of(pulse)));
            t.check("beats", silence < lease_of(pulse),
                    "it was silent for " + std::to_string(std::chrono::duration_cast<Milliseconds>(silence).count()) + " ms");
            t.require("both", answers.size() == 2, std::to_string(answers.size()) + " answers came");
            const auto& first = answers[0].need<graph::AppliedReply>();
            const auto& second = answers[1].need<graph::AppliedReply>();
            t.check("both", first.revision == 2 && first == second, answers[1].text());
            const graph::QueryReply now = query(t);
            std::size_t applied = 0;
            while (pulse.event<graph::Applied>({}, Milliseconds(0)) != nullptr) ++applied;
            t.check("once", now.revision == 2 && applied == 1,
                    "revision " + std::to_string(now.revision) + ", graph.applied came " + std::to_string(applied) + " times");
          },
  });
  cases.push_back({
      .id = "signal.limits.garbage",
      .title = "Thousands of broken messages hurt nobody",
      .steps = "Send 3,000 messages of changed and random bytes, and ask for the graph after every hundred.",
      .level = Level::stress,
      .checks = {{"serves", {"SEC-16", "ENV-36"}, "every question in between is answered"},
                 {"unchanged", {"ENV-23"}, "the graph is as it was"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            Pulse& pulse = t.pulse();
            std::uint64_t state = 20'260'131;
            const auto below = [&state](std::uint64_t limit) {  // the same on every machine
              state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
              return (state >> 33U) % limit;
            };
            for (int i = 0; i < 3'000; ++i) {
              std::string text;
              if (i % 2 == 0) {
                text.resize(below(300));
                for (char& c : text) c = static_cast<char>(below(256));
              } else {
                text = envelope("v" + std::to_string(i), "graph.query", "{}");
                for (std::uint64_t changes = 1 + below(4); changes > 0; --changes) text[below(text.size())] = static_cast<char>(below(256));
              }
              pulse.send_parts({text});
              if (i % 100 != 99) continue;
              const Answer answer = pulse.call(graph::Query{});
              t.require("serves", answer.is_reply(), answer.text());
            }
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
          },
  });
}

}  // namespace loophole::conformance::signal_cases
