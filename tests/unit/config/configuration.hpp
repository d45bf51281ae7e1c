#pragma once

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "settings/settings_table.hpp"

namespace ship::test {

/// A configuration to load: files in a directory of its own, an environment and flags.
class Configuration {
 public:
  Configuration() {
    char path[] = "/tmp/ship-config-XXXXXX";
    directory_ = ::mkdtemp(path);
    request_.default_file.clear();
  }
  ~Configuration() { std::filesystem::remove_all(directory_); }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  /// Adds a file and names it with --config.
  Configuration& file(const std::string& name, const std::string& toml) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << toml;
    return flag("config", path);
  }
  Configuration& flag(const std::string& name, const std::string& text) {
    request_.flags.push_back({find_flag(name), text});
    return *this;
  }
  Configuration& variable(const std::string& name, const std::string& text) {
    request_.environment[name] = text;
    return *this;
  }
  LoadRequest& request() { return request_; }

  LoadOutcome load() const { return load_settings(request_); }
  /// The settings, which must be without problem.
  Settings settings() const {
    LoadOutcome outcome = load();
    std::string all;
    for (const Problem& problem : outcome.problems) all += problem.text() + "\n";
    if (!outcome.settings) throw std::runtime_error("unexpected problems:\n" + all);
    return *std::move(outcome.settings);
  }
  /// The problems as text, without the directory in front of file names.
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const Problem& problem : load().problems) {
      std::string text = problem.text();
      const std::string prefix = directory_ + "/";
      for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) {
        text.erase(at, prefix.size());
      }
      texts.push_back(text);
    }
    return texts;
  }
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  LoadRequest request_;
};

using Texts = std::vector<std::string>;

}  // namespace ship::test
