#include "edits/edits.hpp"

namespace loophole::pulse::edits {

Result<Planned<transport::SetTempoReply>> plan(const EditContext&, const transport::SetTempo& command) {
  return Planned<transport::SetTempoReply>{
      .edit = {.label = "Set Tempo", .changes = {project::TempoChanged{.tempo_bpm = command.tempo_bpm}}},
      .reply = {.tempo_bpm = command.tempo_bpm, .revision = 0}};
}

}  // namespace loophole::pulse::edits
