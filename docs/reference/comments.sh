#!/bin/sh
# Doxygen reads special comments only; ours are plain. The one at the top of a file describes the file, the others what they stand before or
# behind; indented lines are figures or code. What Doxygen would take for a command in them is escaped.
exec awk '
function escaped(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/[@<>#&%]/, "\\\\&", text)
  gsub(/::/, "\\::", text)
  while (match(text, /`[^`]+`/))
    text = substr(text, 1, RSTART - 1) "<tt>" substr(text, RSTART + 1, RLENGTH - 2) "</tt>" substr(text, RSTART + RLENGTH)
  return text
}
function end_figure() {
  if (in_figure) print indent "/// \\endcode"
  in_figure = 0
}
/^#pragma once/ { print; at_top = 1; next }
/^ *\/\/( |$)/ {
  indent = $0; sub(/\/\/.*/, "", indent)
  text = $0; sub(/^ *\/\/ ?/, "", text)
  if (at_top) print "/// \\file"
  at_top = 0
  if (text ~ /^  +[^ ]/) {
    if (!in_figure) print indent "/// \\code{.unparsed}"
    in_figure = 1
    print indent "/// " text
  } else {
    end_figure()
    print indent "/// " escaped(text)
  }
  next
}
{ end_figure(); if (NF) at_top = 0 }
{ sub(/^struct std::/, "struct ") } # a specialisation outside of its namespace is too much for doxygen 1.9
!/^}/ && match($0, /[;,{}] +\/\/ /) {
  print substr($0, 1, RSTART) " ///< " escaped(substr($0, RSTART + RLENGTH))
  next
}
{ print }
' "$1"
