#pragma once
// Tape: events of a JSON parser, kept until somebody knows what to make of them: members that come before the tag of their union, a
// payload that comes before the name of its message.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scalar.hpp"

namespace loophole::wire::detail {

class Tape {
 public:
  void start_object() { tokens_.push_back({Token::Kind::start_object, 0, {}}); }
  void key(std::string_view name) { tokens_.push_back(text_token(Token::Kind::key, name)); }
  void end_object() { tokens_.push_back({Token::Kind::end_object, 0, {}}); }
  void start_array() { tokens_.push_back({Token::Kind::start_array, 0, {}}); }
  void end_array() { tokens_.push_back({Token::Kind::end_array, 0, {}}); }
  void scalar(const Scalar& value);

  [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }

  // Gives the events to `sink`, in order.
  template <class Sink>
  void replay(Sink& sink) const {
    for (const Token& token : tokens_) {
      switch (token.kind) {
        case Token::Kind::start_object:
          sink.start_object();
          break;
        case Token::Kind::key:
          sink.key(text_of(token));
          break;
        case Token::Kind::end_object:
          sink.end_object();
          break;
        case Token::Kind::start_array:
          sink.start_array();
          break;
        case Token::Kind::end_array:
          sink.end_array();
          break;
        case Token::Kind::scalar:
          sink.scalar(scalar_of(token));
          break;
      }
    }
  }

  // Of members of one object with the same name, takes away all but the last, which is how JSON validators see them.
  void keep_last_members();

 private:
  struct Token {
    enum class Kind : std::uint8_t { start_object, key, end_object, start_array, end_array, scalar };
    Kind kind;
    std::uint32_t size;  // of the text, in bytes
    Scalar value;        // for text: `integer` is where it begins in text_
  };

  Token text_token(Token::Kind kind, std::string_view text);
  [[nodiscard]] std::string_view text_of(const Token& token) const noexcept {
    return std::string_view(text_).substr(static_cast<std::size_t>(token.value.integer), token.size);
  }
  [[nodiscard]] Scalar scalar_of(const Token& token) const noexcept {
    return token.value.kind == Scalar::Kind::text ? Scalar::of(text_of(token)) : token.value;
  }

  std::vector<Token> tokens_;
  std::string text_;
};

}  // namespace loophole::wire::detail
