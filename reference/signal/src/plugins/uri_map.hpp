#pragma once
// UriMap: numbers for URIs, which LV2 plugins and hosts use in place of the text. One for the whole process, which never ends: what runs
// on a thread that was left behind may still ask it.

#include <lv2/urid/urid.h>

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace loophole::reference_signal {

class UriMap {
 public:
  // [any-thread]
  [[nodiscard]] static UriMap& shared();

  // [any-thread] Always the same number for the same URI, never 0.
  [[nodiscard]] LV2_URID number(std::string_view uri);
  // [any-thread] nullptr: nobody asked for such a number.
  [[nodiscard]] const char* uri(LV2_URID number) const;

  // For plugins and for lilv.
  [[nodiscard]] LV2_URID_Map* map() noexcept { return &map_; }
  [[nodiscard]] LV2_URID_Unmap* unmap() noexcept { return &unmap_; }

 private:
  UriMap();

  mutable std::mutex mutex_;
  std::deque<std::string> uris_;  // by number, less one; a deque, so that they stay where they are
  std::unordered_map<std::string_view, LV2_URID> numbers_;
  LV2_URID_Map map_;
  LV2_URID_Unmap unmap_;
};

}  // namespace loophole::reference_signal
