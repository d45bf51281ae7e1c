#pragma once

#include <algorithm>
#include <memory>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "stage/redact/mask.hpp"
#include "stage/redact/secret_catalog.hpp"

namespace ship::model {

struct Member;

/// A value of a record that a test made up, and knows all of.
struct Node {
  enum class Kind { object, list, text, number, json_text };
  Kind kind = Kind::text;
  std::string text;              ///< of a text or a number
  std::vector<Member> children;  ///< keys are empty in a list
};

struct Member {
  std::string key;
  Node value;
};

/// Redacts slowly and in the most obvious way: each pattern by itself, at every place of every
/// text, nothing skipped, nothing remembered.
class SlowRedactor {
 public:
  SlowRedactor(const std::vector<std::string>& patterns, std::vector<std::string> fields,
               RedactAction action, const Mask& mask)
      : fields_(std::move(fields)), action_(action), mask_(mask) {
    for (const SecretPattern& pattern : secret_patterns()) {
      if (std::find(patterns.begin(), patterns.end(), pattern.name) == patterns.end()) continue;
      RE2::Options options;
      options.set_encoding(RE2::Options::EncodingLatin1);
      options.set_case_sensitive(!pattern.caseless);
      searched_.push_back({&pattern, std::make_unique<RE2>("(?:" + pattern.regex + ")\\z", options),
                           std::make_unique<RE2>(pattern.regex, options)});
    }
  }

  /// The value as JSON without blanks, redacted.
  std::string operator()(const Node& node, int layer = 0) const {
    switch (node.kind) {
      case Node::Kind::number: {
        const std::string left = text(node.text, layer);
        return left == node.text ? left : quoted(left);
      }
      case Node::Kind::text:
        return quoted(text(node.text, layer));
      case Node::Kind::json_text:
        // Four layers deep; deeper it is text.
        return quoted(layer < kLayers ? (*this)(node.children.front().value, layer + 1)
                                      : text(written(node.children.front().value), layer));
      default:
        break;
    }
    const bool object = node.kind == Node::Kind::object;
    std::string json;
    for (const auto& [key, child] : node.children) {
      const bool secret = object && (is_field(key) || (plain(key) == "value" && has_named(node)));
      if (secret && action_ == RedactAction::remove) continue;
      json += json.empty() ? "" : ",";
      if (object) json += quoted(text(key, layer)) + ":";
      json += secret ? field(child) : (*this)(child, layer);
    }
    return object ? "{" + json + "}" : "[" + json + "]";
  }

  /// The value as JSON without blanks, as it is.
  static std::string written(const Node& node) {
    switch (node.kind) {
      case Node::Kind::number:
        return node.text;
      case Node::Kind::text:
        return quoted(node.text);
      case Node::Kind::json_text:
        return quoted(written(node.children.front().value));
      default:
        break;
    }
    const bool object = node.kind == Node::Kind::object;
    std::string json;
    for (const auto& [key, child] : node.children) {
      json += json.empty() ? "" : ",";
      if (object) json += quoted(key) + ":";
      json += written(child);
    }
    return object ? "{" + json + "}" : "[" + json + "]";
  }

 private:
  struct Searched {
    const SecretPattern* pattern;
    std::unique_ptr<RE2> ends_here;
    std::unique_ptr<RE2> anywhere;
  };
  struct Found {
    std::size_t begin;
    std::size_t end;
    Shown shown;
    int depth;  ///< how many times escapes were undone to see it
  };
  /// A text with its escapes undone, once or more; for each of its bytes where the character that it
  /// belongs to begins and ends in the text.
  struct Reading {
    std::string text;
    std::vector<std::size_t> begins, ends;
  };
  static constexpr int kLayers = 3;

  static Reading undone(const Reading& reading) {
    Reading deeper;
    for (std::size_t at = 0; at < reading.text.size();) {
      JsonCharacter one{1, 1, {reading.text[at]}};
      if (reading.text[at] == '\\') one = read_json_escape(reading.text.substr(at));
      for (std::size_t i = 0; i < one.size; ++i) {
        deeper.text += one.text[i];
        deeper.begins.push_back(reading.begins[at]);
        deeper.ends.push_back(reading.ends[at + one.raw_size - 1]);
      }
      at += one.raw_size;
    }
    return deeper;
  }

  static std::string quoted(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
  }

  static std::string plain(std::string_view name) {
    std::string same;
    for (const char c : name) {
      if (c == '_' || c == '-' || c == ' ') continue;
      same += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return same;
  }
  bool is_field(const std::string& key) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const std::string& field) { return plain(field) == plain(key); });
  }

  /// Whether a member tells the name of a field, for the value beside it.
  bool has_named(const Node& object) const {
    return std::any_of(object.children.begin(), object.children.end(), [&](const Member& member) {
      const bool names = plain(member.key) == "name" || plain(member.key) == "key";
      return names && member.value.kind == Node::Kind::text && is_field(member.value.text);
    });
  }

  std::string field(const Node& value) const {
    const bool scalar = value.kind != Node::Kind::object && value.kind != Node::Kind::list;
    const std::string secret = value.kind == Node::Kind::json_text
                                   ? written(value.children.front().value)
                               : scalar ? value.text
                                        : written(value);
    if (scalar && secret.empty()) return "\"\"";
    std::string left;
    const bool partial = action_ == RedactAction::partial && !scalar;
    mask_.append(left, partial ? RedactAction::mask : action_, secret, Shown::nothing);
    return quoted(left);
  }

  void find(const Reading& reading, int depth, std::vector<Found>& found) const {
    for (const Searched& one : searched_) {
      if (!RE2::PartialMatch(reading.text, *one.anywhere)) continue;
      for (std::size_t end = 1; end <= reading.text.size(); ++end) {
        if (!RE2::PartialMatch(re2::StringPiece(reading.text.data(), end), *one.ends_here))
          continue;
        const Extent extent = one.pattern->find(reading.text, end);
        if (!extent.found()) continue;
        found.push_back({reading.begins[extent.begin], reading.ends[extent.end - 1],
                         one.pattern->shown, depth});
      }
    }
  }

  /// A text `layer` strings deep.
  std::string text(const std::string& whole, int layer) const {
    std::vector<Found> found;
    Reading reading{whole, {}, {}};
    for (std::size_t at = 0; at < whole.size(); ++at) {
      reading.begins.push_back(at);
      reading.ends.push_back(at + 1);
    }
    for (int depth = 0; depth <= kLayers - layer; ++depth) {
      find(reading, depth, found);
      reading = undone(reading);
    }
    // What overlaps is one secret, of which the least is shown.
    for (bool joined = true; joined;) {
      joined = false;
      for (std::size_t i = 0; i < found.size() && !joined; ++i) {
        for (std::size_t k = i + 1; k < found.size() && !joined; ++k) {
          if (found[i].end <= found[k].begin || found[k].end <= found[i].begin) continue;
          found[i] = {
              std::min(found[i].begin, found[k].begin), std::max(found[i].end, found[k].end),
              std::min(found[i].shown, found[k].shown), std::max(found[i].depth, found[k].depth)};
          found.erase(found.begin() + static_cast<std::ptrdiff_t>(k));
          joined = true;
        }
      }
    }
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return a.begin < b.begin; });
    std::string left;
    std::size_t done = 0;
    for (const Found& one : found) {
      left += whole.substr(done, one.begin - done);
      std::string secret = whole.substr(one.begin, one.end - one.begin);
      for (int depth = 0; depth < one.depth; ++depth) {
        std::string plain;
        append_json_unescaped(plain, secret);
        secret = plain;
      }
      mask_.append(left, action_, secret, one.shown);
      done = one.end;
    }
    return left + whole.substr(done);
  }

  std::vector<std::string> fields_;
  RedactAction action_;
  const Mask& mask_;
  std::vector<Searched> searched_;
};

}  // namespace ship::model
