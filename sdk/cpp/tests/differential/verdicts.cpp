// The SDK's decoder as a filter, for differential.py. Each line of standard input is "SCHEMA BASE64", the bytes of a message; each line of
// standard output is {"ok":true} or {"ok":false,"faults":[[rule, pointer]]}. The schema is for the other validators: our decoder finds the
// table by the name in the message.
#include <sodium.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "loophole/wire/codec.hpp"

namespace {

bool bytes_of(const std::string& base64, std::string& bytes) {
  bytes.resize(base64.size());
  std::size_t size = 0;
  const int done = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), base64.data(), base64.size(), nullptr,
                                     &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  bytes.resize(size);
  return done == 0;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  std::string bytes;
  while (std::getline(std::cin, line)) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || !bytes_of(line.substr(space + 1), bytes)) {
      std::cerr << "loophole-verdicts: a line is not SCHEMA BASE64: " << line << "\n";
      return 2;
    }
    nlohmann::json verdict = {{"ok", true}};
    if (const auto message = loophole::wire::decode_message(bytes); !message) {
      const loophole::Error& error = message.error();
      const auto fault = nlohmann::json::array({error.rule.value_or(""), error.pointer.value_or("")});
      verdict = {{"ok", false}, {"faults", nlohmann::json::array({fault})}};
    }
    std::cout << verdict.dump() << "\n" << std::flush;
  }
}
