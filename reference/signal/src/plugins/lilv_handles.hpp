#pragma once
// Owners of what lilv hands out.

#include <lilv/lilv.h>

#include <memory>
#include <string>

namespace loophole::reference_signal {

template <auto Free>
struct LilvFree {
  template <class T>
  void operator()(T* what) const noexcept {
    Free(what);
  }
};
using LilvWorldPtr = std::unique_ptr<LilvWorld, LilvFree<lilv_world_free>>;
using LilvNodePtr = std::unique_ptr<LilvNode, LilvFree<lilv_node_free>>;
using LilvNodesPtr = std::unique_ptr<LilvNodes, LilvFree<lilv_nodes_free>>;
using LilvScalePointsPtr = std::unique_ptr<LilvScalePoints, LilvFree<lilv_scale_points_free>>;
using LilvStatePtr = std::unique_ptr<LilvState, LilvFree<lilv_state_free>>;

[[nodiscard]] inline LilvNodePtr lilv_uri(LilvWorld* world, const char* uri) {
  return LilvNodePtr(lilv_new_uri(world, uri));
}
// The text of a node; empty where there is none.
[[nodiscard]] inline std::string text_of(const LilvNode* node) {
  return node == nullptr ? std::string() : lilv_node_as_string(node);
}

}  // namespace loophole::reference_signal
