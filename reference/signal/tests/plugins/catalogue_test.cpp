// What there is: scanned with progress, listed by name, told with everything that a user interface needs.

#include <algorithm>

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

TEST_CASE("a scan finds plugins, names what cannot be used with the reason, and tells how far it is") {
  PluginStage stage;
  std::vector<operation::Progress> progress;
  const auto scan = stage
                        .wait_for<plugin::ScanReply>([&](auto done) {
                          stage.engine.scan_plugins([&](operation::Progress so_far) { progress.push_back(std::move(so_far)); }, done);
                        })
                        .value();
  CHECK(scan.found > 100);
  const auto failure = [&](const PluginId& plugin) {
    const auto found = std::ranges::find(scan.failed, plugin, &plugin::ScanFailure::plugin);
    return found == scan.failed.end() ? std::string() : found->reason;
  };
  CHECK(failure(fixture("demanding")) == "it needs the feature urn:loophole:fixture:feature, which this engine does not have");
  CHECK(failure(fixture("eight")).find("8 audio inputs and 8 outputs") != std::string::npos);
  CHECK(failure(fixture("memory")).empty());
  REQUIRE(progress.size() > 2);
  CHECK_FALSE(progress.front().done_ratio.has_value());
  CHECK(progress.back().done_ratio == 1.0);
  CHECK(std::ranges::is_sorted(progress, {}, [](const operation::Progress& one) { return one.done_ratio.value_or(0); }));
}

TEST_CASE("the list is by name, and is there without a scan") {
  PluginStage stage;
  const auto list = stage.wait_for<plugin::ListReply>([&](auto done) { stage.engine.list_plugins(done); }).value().plugins;
  CHECK(std::ranges::is_sorted(list, {}, &plugin::PluginBrief::name));
  const auto memory = std::ranges::find(list, fixture("memory"), &plugin::PluginBrief::plugin);
  REQUIRE(memory != list.end());
  CHECK(memory->name == "Memory");
  CHECK(memory->vendor == "Loophole");
  CHECK(memory->format == plugin::Format::lv2);
  CHECK(std::ranges::find(list, fixture("eight"), &plugin::PluginBrief::plugin) == list.end());
}

TEST_CASE("parameters have their kind, range, unit, curve and labels; choices are values of the plugin by index") {
  PluginStage stage;
  const auto info = stage.info(fixture("choice")).value();
  REQUIRE(info.parameters.size() == 2);
  const plugin::PluginParameter& mode = info.parameters[0];
  CHECK(mode.kind == parameter::ParameterKind::choice);
  CHECK(mode.labels == std::vector<std::string>{"Soft", "Middle", "Loud"});
  CHECK(mode.minimum == 0);
  CHECK(mode.maximum == 2);
  CHECK(mode.initial == 1);
  const plugin::PluginParameter& tone = info.parameters[1];
  CHECK(tone.kind == parameter::ParameterKind::float_);
  CHECK(tone.unit == "Hz");
  CHECK(tone.curve == parameter::Curve::exponential);
  CHECK(tone.minimum == 20);
  CHECK(tone.maximum == 20'000);
  CHECK(tone.initial == 1'000);
  CHECK(tone.hidden);
  CHECK_FALSE(tone.automatable);
  CHECK(info.audio_inputs == 2);
  CHECK(info.audio_outputs == 2);
  CHECK(stage.info(fixture("memory")).value().parameters[0].kind == parameter::ParameterKind::bool_);
  CHECK(stage.info(fixture("latency")).value().parameters[0].kind == parameter::ParameterKind::int_);

  const double dry = stage.dry();
  REQUIRE(stage.replace(tone_through(plugin_of(fixture("choice"), {parameter_of(10, "mode", 0, 0, 2)}))));
  CHECK(stage.level() == doctest::Approx(dry * 0.25).epsilon(0.01));
  stage.set(10, 2);
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
}

TEST_CASE("what is not there and what cannot be used are told apart") {
  PluginStage stage;
  const Error nowhere = stage.info(PluginId("urn:nowhere")).error();
  CHECK(is(nowhere, errors::kPluginNotFound));
  CHECK(nowhere.pointer == "/plugin");
  CHECK(is(stage.info(PluginId("no URI at all")).error(), errors::kPluginNotFound));
  CHECK(is(stage.info(fixture("demanding")).error(), errors::kPluginFaulty));
}

}  // namespace
}  // namespace loophole::test
