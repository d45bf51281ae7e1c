#include "sinks/name_pattern.hpp"

#include <array>
#include <ctime>

namespace ship {

Result<NamePattern> NamePattern::parse(std::string_view text) {
  NamePattern pattern;
  const auto broken = [&](std::string_view what) {
    return Error{ErrorKind::config, "\"" + std::string(text) + "\" " + std::string(what)};
  };
  const auto append = [&](Piece::Kind kind, std::string_view part) {
    if (pattern.pieces_.empty() || pattern.pieces_.back().kind != kind) {
      pattern.pieces_.emplace_back();
      pattern.pieces_.back().kind = kind;
    }
    pattern.pieces_.back().text += part;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if ((c == '{' || c == '}' || c == '%') && next == c) {
      append(Piece::Kind::text, text.substr(i++, 1));
    } else if (c == '%') {
      if (next == '\0') return broken("ends with a lone %; write %% for a percent sign");
      append(Piece::Kind::time, text.substr(i++, 2));
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return broken("has a { without its }");
      if (end == i + 1) return broken("has {} without the name of a field");
      Piece field;
      field.kind = Piece::Kind::field;
      field.field = pattern.fields_.size();
      pattern.fields_.emplace_back(text.substr(i + 1, end - i - 1));
      pattern.pieces_.push_back(std::move(field));
      i = end;
    } else if (c == '}') {
      return broken("has a } without its {; write }} for a brace");
    } else {
      append(Piece::Kind::text, text.substr(i, 1));
    }
  }
  return pattern;
}

void NamePattern::make_times(std::int64_t second) {
  made_for_ = second;
  const std::time_t time = second;
  std::tm parts{};
  gmtime_r(&time, &parts);
  for (Piece& piece : pieces_) {
    if (piece.kind != Piece::Kind::time) continue;
    std::array<char, 256> buffer;
    const std::size_t size =
        std::strftime(buffer.data(), buffer.size(), piece.text.c_str(), &parts);
    piece.made.assign(buffer.data(), size);
  }
}

// Dots that begin a name, or a path component, belong to the system: hidden indices, "..". A record
// must not produce them.
void NamePattern::append_field(std::string& out, std::string_view text) {
  char before = '/';
  for (const char c : text) {
    const bool leading = c == '.' && (before == '/' || before == '.');
    out += leading ? '-' : c;
    before = c;
  }
}

void NamePattern::render(WallNanos time, std::span<const Field> fields, std::string& out) {
  constexpr WallNanos kSecond = 1'000'000'000;
  const std::int64_t second = time / kSecond - (time % kSecond < 0 ? 1 : 0);
  if (second != made_for_) make_times(second);
  out.clear();
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::text:
        out += piece.text;
        break;
      case Piece::Kind::time:
        out += piece.made;
        break;
      case Piece::Kind::field: {
        const Field& field = fields[piece.field];
        append_field(out, field.is_scalar() && !field.text.empty() ? field.text : "unknown");
        break;
      }
    }
  }
}

}  // namespace ship
