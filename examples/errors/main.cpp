// Sets the gain of the master, and says what went wrong where it does: an error has a category, which says what to do, and a code, which
// says what it was.
//
//   example-errors SESSION DECIBELS
#include <cstdio>
#include <cstdlib>
#include <loophole/aura.hpp>
#include <string>

namespace lp = loophole;

namespace {

std::string advice(const lp::Error& error) {
  if (is(error, lp::errors::kParameterOutOfRange)) return "choose another value";  // error.message has the range
  if (is(error, lp::errors::kProjectNone)) return "open a project first";
  if (error.category == lp::Category::unavailable) return "try again later";
  if (error.category == lp::Category::conflict) return "look at what is there now, then decide";
  return "report it: " + error.code;
}

int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s: %s\n", advice(error).c_str(), error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto client = lp::aura::Client::connect({.session = argv[1], .client_id = "example-errors"});
  if (!client) return fail(client.error());
  if (client->project() == nullptr) return fail(lp::make_error(lp::errors::kProjectNone, "no project is open"));

  const lp::ParameterId gain = client->project()->master.gain.id;
  auto reply = client->call(lp::parameter::Set{.parameter_id = gain, .value = std::atof(argv[2])});
  if (!reply) return fail(reply.error());
  std::printf("%g dB at revision %lld\n", reply->value, static_cast<long long>(reply->revision));
  return 0;
}
