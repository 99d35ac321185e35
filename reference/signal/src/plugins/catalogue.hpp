#pragma once
// Catalogue: the LV2 plugins of this machine, by what their files say. Belongs to the plugin thread; what it hands out may be read
// anywhere.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loophole/messages/operation.hpp"
#include "loophole/messages/plugin.hpp"
#include "plugins/description.hpp"
#include "plugins/lilv_handles.hpp"

namespace loophole::reference_signal {

class Catalogue {
 public:
  struct Scan {
    std::vector<plugin::PluginBrief> found;  // by name
    std::vector<plugin::ScanFailure> failed;
  };

  // All are [plugin-thread].

  // Looks into every bundle of LV2_PATH anew.
  Scan scan(const std::function<void(operation::Progress)>& progress);
  // What the last scan found; the first call scans.
  [[nodiscard]] const std::vector<plugin::PluginBrief>& found();
  // nullptr: it is not installed. Until a scan, a plugin stays as it was when somebody asked for it first.
  [[nodiscard]] std::shared_ptr<const PluginDescription> find(const std::string& uri);

 private:
  void load();
  std::shared_ptr<const PluginDescription> described(const LilvPlugin* plugin);

  LilvWorldPtr world_;
  std::unordered_map<std::string, std::shared_ptr<const PluginDescription>> described_;
  std::optional<std::vector<plugin::PluginBrief>> found_;
};

}  // namespace loophole::reference_signal
