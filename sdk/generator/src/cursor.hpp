#pragma once
// Cursor: a JSON value, where it stands, and where to report what is wrong with it.

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"

namespace loophole::schema {

class Cursor {
 public:
  Cursor(const Json& value, Where where, Faults& faults) : value_(&value), where_(std::move(where)), faults_(&faults) {}

  [[nodiscard]] const Json& value() const { return *value_; }
  [[nodiscard]] const Where& where() const { return where_; }

  void fault(std::string_view rule, std::string message) const { faults_->push_back({where_, std::string{rule}, std::move(message)}); }

  // Reports every member that is not in `known`.
  void allow(std::initializer_list<std::string_view> known) const;

  [[nodiscard]] bool has(std::string_view key) const { return value_->is_object() && value_->contains(std::string{key}); }
  // The member; nothing when it is missing.
  [[nodiscard]] std::optional<Cursor> get(std::string_view key) const;
  // The same, but reports what is missing (rule missing-keyword).
  [[nodiscard]] std::optional<Cursor> need(std::string_view key) const;

  // Members and elements; reports another type than an object or an array and gives none then.
  void each_member(const std::function<void(const std::string& key, const Cursor& value)>& visit) const;
  void each_element(const std::function<void(const Cursor& value)>& visit) const;

  // The value as a C++ type; reports another one (rule keyword-type).
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::uint32_t> count() const;  // 0 … 2^32-1
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] Version version() const;  // "1.0"

  // Members by key; a default value where they are missing.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;

 private:
  const Json* value_;
  Where where_;
  Faults* faults_;
};

// Reads a JSON file; reports syntax errors (json-syntax) and members that occur twice (json-duplicate).
[[nodiscard]] std::optional<Json> read_json(const std::string& text, const std::string& file, Faults& faults);

}  // namespace loophole::schema
