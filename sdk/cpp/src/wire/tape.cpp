#include "tape.hpp"

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace loophole::wire::detail {

Tape::Token Tape::text_token(Token::Kind kind, std::string_view text) {
  Token token{kind, static_cast<std::uint32_t>(text.size()), Scalar::of(static_cast<std::int64_t>(text_.size()))};
  text_ += text;
  return token;
}

void Tape::scalar(const Scalar& value) {
  if (value.kind != Scalar::Kind::text) {
    tokens_.push_back({Token::Kind::scalar, 0, value});
    return;
  }
  Token token = text_token(Token::Kind::scalar, value.text);
  token.value.kind = Scalar::Kind::text;
  tokens_.push_back(token);
}

void Tape::keep_last_members() {
  std::vector<bool> overridden(tokens_.size(), false);  // keys of members that come again
  std::vector<std::unordered_map<std::string_view, std::size_t>> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    switch (tokens_[i].kind) {
      case Token::Kind::start_object:
        open.emplace_back();
        break;
      case Token::Kind::end_object:
        open.pop_back();
        break;
      case Token::Kind::key:
        if (const auto [seen, first] = open.back().try_emplace(text_of(tokens_[i]), i); !first)
          overridden[std::exchange(seen->second, i)] = true;
        break;
      default:
        break;
    }
  }

  std::vector<Token> kept;
  kept.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!overridden[i]) {
      kept.push_back(tokens_[i]);
      continue;
    }
    std::size_t depth = 0;  // go to the end of the value that follows the key
    do {
      ++i;
      const Token::Kind kind = tokens_[i].kind;
      if (kind == Token::Kind::start_object || kind == Token::Kind::start_array) ++depth;
      if (kind == Token::Kind::end_object || kind == Token::Kind::end_array) --depth;
    } while (depth > 0);
  }
  tokens_ = std::move(kept);
}

}  // namespace loophole::wire::detail
