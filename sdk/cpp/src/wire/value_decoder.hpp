#pragma once
// ValueDecoder: events of a JSON parser in, a typed and validated C++ value out, in one pass and by the generated tables.
//
// It keeps a stack of frames, one for each open object, array, map or union: the table, the address of the C++ object, and which members
// were seen. Members that the table does not know, or that are newer than the version in effect, are skipped and counted. A union is
// decoded directly when its tag comes first (as ours is written); otherwise its members wait on a Tape until the tag is there.
//
// After the first fault nothing more is stored. Events are still followed for one reason: JSON lets a member come twice, validators see
// the last one only, and so a later member may take the place of the one at fault. `repeated()` then says that the text has to be decoded
// again with Tape::keep_last_members(), into a fresh value.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/wire/codec.hpp"
#include "rules.hpp"
#include "scalar.hpp"
#include "tape.hpp"

namespace loophole::wire::detail {

// What a decoder does about members and labels that the version in effect does not have.
struct Reading {
  Version effective;
  Ignored* ignored = nullptr;  // where they are listed, when somebody asks
};

// Adds a place to the list, as long as it is not full.
void list(Ignored& ignored, std::string_view pointer);

class ValueDecoder {
 public:
  // `value` points to a value-initialised object of the type. Pointers in faults begin with `prefix`.
  ValueDecoder(const TypeDesc& type, void* value, const Reading& reading, std::string_view prefix = {});

  void start_object();
  void key(std::string_view name);
  void end_object();
  void start_array();
  void end_array();
  void scalar(const Scalar& value);

  [[nodiscard]] bool failed() const noexcept { return fault_.has_value(); }
  [[nodiscard]] const Fault& fault() const noexcept { return *fault_; }
  [[nodiscard]] bool repeated() const noexcept { return mode_ == Mode::repeated; }
  // Members and labels that were ignored.
  [[nodiscard]] std::size_t ignored() const noexcept { return ignored_; }

 private:
  enum class Mode : std::uint8_t {
    decoding,
    skipping,   // inside a member that is not known
    recording,  // inside a member of a union whose tag is not known yet
    failed,
    repeated,
  };

  struct Frame {
    enum class Kind : std::uint8_t { object, array, map, undecided };  // undecided: a union before its tag
    Kind kind;
    const TypeDesc* type;
    void* object;
    const FieldDesc* field = nullptr;  // object: the member that is being decoded
    std::size_t next = 0;              // object: the field that is expected next; array: number of elements
    std::size_t seen = 0;              // object: its first word in seen_
    std::string_view tag = {};         // object: the tag member that chose it, when it is one of a union
  };

  // One container on the way to the fault. When this member comes again, or the tag, the fault may be none.
  struct Step {
    std::optional<std::string> member;  // nothing for arrays
    std::string_view tag;
  };

  // What becomes of the value that comes next.
  struct Target {
    enum class Action : std::uint8_t { store, skip, record, tag, constant };
    Action action = Action::store;
    const TypeDesc* type = nullptr;
    void* object = nullptr;
  };

  void push(Frame::Kind kind, const TypeDesc& type, void* object);
  void push_object(const TypeDesc& type, void* object);
  void pop();
  void member_of_object(Frame& frame, std::string_view name);
  void member_of_map(Frame& frame, std::string_view name);
  void member_of_union(std::string_view name);
  const FieldDesc* find_field(Frame& frame, std::string_view name) const;
  void ignore_member(std::string_view name);
  void ignore_label();
  void store_leaf(const Scalar& value);
  bool begin_value();
  void start_container(bool object);
  void choose(const Scalar& tag);
  bool complete(const Frame& frame);

  [[nodiscard]] std::string pointer(std::size_t frames) const;
  void fail(std::size_t frames, std::string_view rule, std::string expected, std::string found);
  void follow_start() noexcept { ++open_; }
  void follow_end() noexcept;
  void follow_key(std::string_view name);

  Mode mode_ = Mode::decoding;
  Target target_;
  std::size_t nested_ = 0;  // skipping, recording: containers open in the member
  std::vector<Frame> frames_;
  std::vector<std::uint64_t> seen_;  // bits of the members that were seen, of all open objects
  std::vector<std::string> keys_;    // current member of each open map and undecided union
  Tape tape_;
  Reading reading_;
  std::size_t ignored_ = 0;
  std::string_view prefix_;

  std::optional<Fault> fault_;
  std::vector<Step> path_;
  std::size_t alive_ = 0;  // how many containers of path_ are still open
  std::size_t open_ = 0;   // how many containers are open
};

}  // namespace loophole::wire::detail
