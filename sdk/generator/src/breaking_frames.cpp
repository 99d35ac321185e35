#include "breaking_parts.hpp"

namespace loophole::schema::breaking {
namespace {

constexpr std::string_view kUnreadable = "a receiver of the other version does not know the frame";
constexpr std::string_view kOtherValues = "a receiver of one version refuses values that a sender of the other may send";

// Members of frames, types and fields that stay as they are.
struct Kept {
  const char* key;
  std::string_view rule;
  std::string_view who;
};
constexpr Kept kFrame[] = {
    {"plane", "breaking-frame-plane", "a receiver of the other version does not look for it there"},
    {"namespace", "breaking-frame-namespace", "programs made from the frames of the other version do not find its types"},
    {"root", "breaking-frame-root", kUnreadable},
    {"identifier", "breaking-frame-identifier", kUnreadable},
    {"topic", "breaking-frame-topic", "a subscriber of the other version asks for the other topic"},
};
constexpr Kept kField[] = {
    {"type", "breaking-frame-field-type", kMisread},
    {"id", "breaking-frame-field-id", kMisread},
    {"default", "breaking-frame-field-default", "a receiver of the other version reads a frame without it differently"},
    {"unit", "breaking-frame-field-unit", kMisread},
    {"minimum", "breaking-frame-field-range", kOtherValues},
    {"maximum", "breaking-frame-field-range", kOtherValues},
    {"finite", "breaking-frame-field-range", kOtherValues},
    {"unchecked", "breaking-frame-field-range", kOtherValues},
    {"maxItems", "breaking-frame-field-range", kOtherValues},
};

class FrameBreaks {
 public:
  FrameBreaks(Breaks& breaks, std::string name, const Sorted& then, const Sorted& now)
      : breaks_(breaks), name_(std::move(name)), then_(then), now_(now), file_(text(now, "plane") + "/" + name_ + ".fbs") {}

  void run() {
    kept(kFrame, then_, now_, {file_, ""}, "the frame " + name_);
    for (const auto& [name, type] : then_.at("types").items()) {
      const Sorted& still = get(now_.at("types"), name.c_str());
      if (still.is_null()) {
        breaks_.add(place(name), "breaking-frame-type-removed", "the type " + name + " was removed or renamed", kUnreadable);
      } else if (type.at("fixed") != still.at("fixed")) {
        breaks_.add(place(name), "breaking-frame-type-kind",
                    name + (still["fixed"] == true ? " became a struct and was a table" : " became a table and was a struct"), kMisread);
      } else if (type["fixed"] == true) {
        structure(name, type.at("fields"), still.at("fields"));
      } else {
        table(name, type.at("fields"), still.at("fields"));
      }
    }
    for (const auto& [name, type] : now_.at("types").items())
      if (!then_["types"].contains(name)) breaks_.check_new(place(name), "the type " + name, text(type, "since"));
    enumerations();
  }

 private:
  [[nodiscard]] Where place(const std::string& type) const { return {file_, pointer_to("", type)}; }

  template <class List>
  void kept(const List& list, const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
    for (const Kept& one : list)
      if (get(then, one.key) != get(now, one.key))
        breaks_.add(where, one.rule, changed(std::string{one.key} + " of " + subject, get(then, one.key), get(now, one.key)), one.who);
  }

  // A struct is its bytes: what is where, and nothing more.
  void structure(const std::string& name, const Sorted& then, const Sorted& now) {
    const auto layout = [](const Sorted& fields) {
      std::string out;
      for (const Sorted& field : fields) out += (out.empty() ? "" : ", ") + text(field, "name") + ": " + text(field, "type");
      return out;
    };
    if (layout(then) != layout(now))
      return breaks_.add(place(name), "breaking-frame-struct",
                         "the fields of the struct " + name + " changed from {" + layout(then) + "} to {" + layout(now) + "}", kMisread);
    for (std::size_t i = 0; i < then.size(); ++i)
      kept(kField, then[i], now[i], below(place(name), text(now[i], "name")), name + "." + text(now[i], "name"));
  }

  void table(const std::string& name, const Sorted& then, const Sorted& now) {
    for (const Sorted& field : then) {
      const Sorted* const still = find_by(now, "name", field.at("name"));
      const Where where = below(place(name), text(field, "name"));
      const std::string subject = name + "." + text(field, "name");
      if (still == nullptr || (get(*still, "deprecated") == true && get(field, "deprecated") != true)) {
        breaks_.add(where, "breaking-frame-field-removed",
                    "the field " + subject + (still == nullptr ? " was removed or renamed" : " became deprecated, which removes it"),
                    get(field, "required") == true ? "an old receiver refuses frames without it" : kLostOnNew);
        continue;
      }
      kept(kField, field, *still, where, subject);
      if (field.at("required") != still->at("required"))
        breaks_.add(where, "breaking-frame-field-required",
                    subject + (still->at("required") == true ? " became required" : " became optional"),
                    still->at("required") == true ? "a new receiver refuses the frames of old senders that leave it out"
                                                  : "an old receiver refuses the frames of new senders that leave it out");
      breaks_.check_kept(where, subject, text(field, "since"), text(*still, "since"));
    }
    for (const Sorted& field : now) {
      if (find_by(then, "name", field.at("name")) != nullptr) continue;
      const Where where = below(place(name), text(field, "name"));
      const std::string subject = name + "." + text(field, "name");
      if (get(field, "required") == true)
        breaks_.add(where, "breaking-frame-field-added", "the new field " + subject + " is required",
                    "a new receiver refuses the frames of old senders, which do not have it");
      if (const Sorted* const other = find_by(then, "id", get(field, "id")); other != nullptr && !get(field, "id").is_null())
        breaks_.add(where, "breaking-frame-field-id",
                    "the new field " + subject + " has id " + get(field, "id").dump() + ", which was that of " + text(*other, "name"),
                    kMisread);
      breaks_.check_new(where, "the field " + subject, text(field, "since"));
    }
  }

  void enumerations() {
    const Sorted& now_enums = get(now_, "enums");
    for (const auto& [name, then] : get(then_, "enums").items()) {
      const Sorted& now = get(now_enums, name.c_str());
      if (now.is_null()) {
        breaks_.add(place(name), "breaking-frame-type-removed", "the enumeration " + name + " was removed or renamed", kUnreadable);
        continue;
      }
      if (then.at("type") != now.at("type"))
        breaks_.add(place(name), "breaking-frame-enum", changed("the type of " + name, then["type"], now["type"]), kMisread);
      for (const Sorted& value : then.at("values")) {
        const Sorted* const still = find_by(now.at("values"), "name", value.at("name"));
        const std::string subject = name + "." + text(value, "name");
        if (still == nullptr) {
          breaks_.add(below(place(name), text(value, "name")), "breaking-frame-enum", "the value " + subject + " was removed or renamed",
                      kLostOnNew);
        } else if (value.at("value") != still->at("value")) {
          breaks_.add(below(place(name), text(value, "name")), "breaking-frame-enum",
                      changed("the number of " + subject, value["value"], still->at("value")), kMisread);
        }
      }
    }
  }

  Breaks& breaks_;
  std::string name_;
  const Sorted& then_;
  const Sorted& now_;
  std::string file_;
};

}  // namespace

void break_frames(Breaks& breaks) {
  const Sorted& now = breaks.now.at("frames");
  for (const auto& [name, frame] : breaks.then.at("frames").items()) {
    const Sorted& still = get(now, name.c_str());
    if (still.is_null()) {
      breaks.add({text(frame, "plane") + "/" + name + ".fbs", ""}, "breaking-frame-removed",
                 "the frame " + name + " was removed or renamed", kUnreadable);
    } else {
      FrameBreaks{breaks, name, frame, still}.run();
    }
  }
}

}  // namespace loophole::schema::breaking
