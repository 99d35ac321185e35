#!/bin/sh
# Doxygen reads special comments only; ours are plain. The one at the top of a file describes the file, and the class that it begins with
# ("Client: …") where that has none of its own; the others what they stand before, which may be several functions, or behind. Indented lines
# are figures or code, lines that begin with a number a list. What Doxygen would take for a command in them is escaped. What
# stands below a comment without a line between is described by it. Specialisations say
# what their template says, and are left out.
exec awk '
function escaped(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/[@<>#&%]/, "\\\\&", text)
  gsub(/::/, "\\::", text)
  while (match(text, /`[^`]+`/))
    text = substr(text, 1, RSTART - 1) "<tt>" substr(text, RSTART + 1, RLENGTH - 2) "</tt>" substr(text, RSTART + RLENGTH)
  return text
}
# A line of a comment, also kept for the class while it is the one at the top.
function say(line) {
  print indent "/// " line
  if (at_top) top[++tops] = line
  said[++saids] = line
}
# The name before the first parenthesis.
function function_in(line) {
  sub(/\(.*/, "", line)
  sub(/.*[ *&]/, "", line)
  return line
}
function end_block() {
  if (in_figure) say("\\endcode")
  if (in_list) say("</ol>")
  in_figure = in_list = 0
}

# First reading: which class the file begins with, and whether a comment stands before it.
NR == FNR {
  if (/^#pragma once/) looking = 1
  else if (looking && NF) {
    if (match($0, /^\/\/ [A-Z][A-Za-z]*(<[A-Za-z]*>)?: /)) { subject = $2; sub(/(<.*)?:$/, "", subject) }
    looking = 0
  }
  if (/^namespace loophole/) space = $2
  if (/^template / && !/;$/) next
  if (subject != "" && match($0, "^(class|struct) (\\[\\[nodiscard\\]\\] )?" subject "( final)?( :.*)? \\{") && !commented) { kind = $1; home = space }
  commented = /^ *\/\//
  next
}
/^#pragma once/ { print; at_top = 1; next }
/^template <>/ { print "/// \\cond"; hidden = 1 }
hidden { print; if (/^}|;$/ && !/^ /) { print "/// \\endcond"; hidden = 0 } next }
/^namespace / && kind != "" && $2 == home {
  print "/// \\" kind " " home "::" subject
  for (i = 1; i <= tops; ++i) print "/// " top[i]
  print ""
  kind = ""
}
/^ *\/\/( |$)/ {
  if (!in_comment) saids = 0
  if (!in_comment && behind) print "" # or it would go on with the comment behind the line before
  in_comment = 1
  declared = 0
  indent = $0; sub(/\/\/.*/, "", indent)
  text = $0; sub(/^ *\/\/ ?/, "", text)
  if (at_top == 1) print "/// \\file"
  if (at_top) at_top = 2
  if (text ~ /^  +[^ ]/) {
    if (in_list) end_block()
    if (!in_figure) say("\\code{.unparsed}")
    in_figure = 1
    say(text)
  } else {
    if (in_figure || text == "") end_block()
    if (match(text, /^[0-9]+\. /)) {
      if (!in_list) say("<ol>")
      in_list = 1
      text = substr(text, RLENGTH + 1)
      say("<li>" escaped(text))
    } else {
      say(escaped(text))
    }
  }
  next
}
{ end_block(); in_comment = 0; behind = /[;,{}] +\/\/ /; if (!NF) saids = 0 }
# The next of several templates below one comment.
saids && declared && /^ *template <.*>$/ {
  for (i = 1; i <= saids; ++i) print indent "/// " said[i]
  print
  getline
}
# The next of several functions or members below one comment: another function than the first says where the comment stands.
saids && declared && /;|\) .*[{]/ && !/= (delete|default)|^ *(friend|~|return|if|for|[})])|[;,{}] +\/\/ / && match($0, /^ */) && RLENGTH == length(indent) {
  if (/\(/ && described != "" && function_in($0) != described && !(function_in($0) ~ /^on_/ && described ~ /^on_/) && match(said[1], /^\[[a-z]+-thread\]/))
    print indent "/// " substr(said[1], 1, RLENGTH) " See " described "()."
  else
    for (i = 1; i <= saids; ++i) print indent "/// " said[i]
}
saids && !declared && /\(/ { described = function_in($0) }
{ declared = /[;}]( +\/\/.*)?$/ }
/^ *(class|struct) [A-Za-z]+; +\/\// { sub(/ +\/\/.*/, "") } # there is no page that it could stand in
{ if (NF || at_top == 2) at_top = 0 }
{ sub(/^struct std::/, "struct ") } # a specialisation outside of its namespace is too much for doxygen 1.9
# What each message has.
/^  static constexpr std::string_view kName/ { $0 = $0 "  // its name on the wire" }
/^  static constexpr .*Kind kKind/ { $0 = $0 "  // what an envelope with it is" }
/^  static constexpr .*kRoutes\[\]/ { $0 = $0 "  // who may send it to whom" }
/^  static constexpr bool kIdempotent/ { $0 = $0 "  // whether it may be executed twice" }
/^  using Reply = / { $0 = $0 "  // what answers it" }
!/^}/ && match($0, /[;,{}] +\/\/ /) {
  print substr($0, 1, RSTART) " ///< " escaped(substr($0, RSTART + RLENGTH))
  next
}
{ print }
' "$1" "$1"
