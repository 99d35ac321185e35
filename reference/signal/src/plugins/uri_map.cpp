#include "plugins/uri_map.hpp"

namespace loophole::reference_signal {

UriMap& UriMap::shared() {
  static UriMap* const map = new UriMap;
  return *map;
}

UriMap::UriMap()
    : map_{this, [](LV2_URID_Map_Handle self, const char* uri) { return static_cast<UriMap*>(self)->number(uri); }},
      unmap_{this, [](LV2_URID_Unmap_Handle self, LV2_URID number) { return static_cast<UriMap*>(self)->uri(number); }} {}

LV2_URID UriMap::number(std::string_view uri) {
  const std::lock_guard lock(mutex_);
  const auto known = numbers_.find(uri);
  if (known != numbers_.end()) return known->second;
  uris_.emplace_back(uri);
  const auto number = static_cast<LV2_URID>(uris_.size());
  numbers_.emplace(uris_.back(), number);
  return number;
}

const char* UriMap::uri(LV2_URID number) const {
  const std::lock_guard lock(mutex_);
  return number == 0 || number > uris_.size() ? nullptr : uris_[number - 1].c_str();
}

}  // namespace loophole::reference_signal
