// loophole-schema: checks the schemas and generates from them. No part of the SDK; runs when the SDK is built.

#include <iostream>
#include <string>
#include <vector>

#include "cli.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return loophole::schema::run(words, std::cout, std::cerr);
}
