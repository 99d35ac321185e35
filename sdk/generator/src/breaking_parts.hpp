#pragma once
// Shared by breaking*.cpp: the two models, what was found, and parts of find_breaks(), one a file.

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "fault.hpp"
#include "model.hpp"

namespace loophole::schema::breaking {

using Sorted = nlohmann::json;

// Who suffers. Findings say it after what changed.
inline constexpr std::string_view kOldRefuses = "an old receiver refuses what a new sender may send";
inline constexpr std::string_view kNewRefuses = "a new receiver refuses what an old sender may send";
inline constexpr std::string_view kBothRefuse = "old and new receivers each refuse what the other side sends";
inline constexpr std::string_view kMisread = "old and new peers read the same bytes as different things";
inline constexpr std::string_view kLostOnNew = "what an old sender says by it is lost on a new receiver";
inline constexpr std::string_view kLostOnOld = "a new sender says it to old receivers, which do not know it";

class Breaks {
 public:
  Breaks(const Sorted& then_model, const Sorted& now_model);

  const Sorted& then;
  const Sorted& now;

  // "WHAT, so WHO. INSTEAD", where the rule knows INSTEAD.
  void add(Where where, std::string_view rule, const std::string& what, std::string_view who);

  // A new thing is newer than the released version; `since` as the model has it, or empty where things of this kind have none.
  void check_new(const Where& where, const std::string& what, const std::string& since);
  // A thing that stays is as old as it was.
  void check_kept(const Where& where, const std::string& what, const std::string& then_since, const std::string& now_since);

  [[nodiscard]] Faults take() && { return std::move(faults_); }

 private:
  Version released_;
  Faults faults_;
};

void break_version(Breaks& breaks);   // breaking.cpp
void break_messages(Breaks& breaks);  // breaking_messages.cpp: messages, the types that they lead to, the register of errors
void break_topology(Breaks& breaks);  // breaking_topology.cpp
void break_frames(Breaks& breaks);    // breaking_frames.cpp

// Types on the wire (breaking_types.cpp).
class TypeBreaks {
 public:
  explicit TypeBreaks(Breaks& breaks) : breaks_(breaks) {}

  // Two types by name ("track.Track"), as `site` uses them. Equal pairs are compared once.
  void named(const std::string& then, const std::string& now, const Where& site);
  // Types that are used without a message: documents, and what the SDK itself reads.
  void roots();

 private:
  // One of the two sides: a type that is no reference, and its name where it has one.
  struct Side {
    const Sorted* type;
    std::string name;
  };
  static Side resolve(const Sorted& model, const Sorted& type);

  void compare(const Sorted& then, const Sorted& now, const Where& site, const std::string& subject);
  void shape(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);
  void bounds(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);
  void object(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);
  void member(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);
  void enumeration(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);
  void tagged(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject);

  Breaks& breaks_;
  std::set<std::string> compared_;
};

[[nodiscard]] Version version_of(const std::string& text);
// "thing.Add" in a model; nullptr when there is none.
[[nodiscard]] const Sorted* find_type(const Sorted& model, const std::string& name);
// Where a named type, a message is written.
[[nodiscard]] Where place_of_type(const std::string& name);
[[nodiscard]] Where place_of_message(const std::string& name);
[[nodiscard]] Where below(const Where& where, std::string_view token);
// A member of an object; null where it is absent.
[[nodiscard]] const Sorted& get(const Sorted& object, const char* key);
[[nodiscard]] std::string text(const Sorted& object, const char* key);
// A value for people: 'red', 16, none.
[[nodiscard]] std::string said(const Sorted& value);
// "WHAT changed from OLD to NEW".
[[nodiscard]] std::string changed(const std::string& what, const Sorted& then, const Sorted& now);
// The element of a list whose member `key` is `value`; nullptr when there is none.
[[nodiscard]] const Sorted* find_by(const Sorted& list, const char* key, const Sorted& value);

}  // namespace loophole::schema::breaking
