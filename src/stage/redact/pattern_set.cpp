#include "stage/redact/pattern_set.hpp"

#include <algorithm>

#ifdef SHIP_VECTORSCAN
#include <hs.h>
#endif

namespace ship {

#ifdef SHIP_VECTORSCAN

namespace {

struct Sink {
  std::vector<PatternSet::Hit>* hits;
  std::size_t most;
  bool too_many = false;
};

// Whether it is one character without a special meaning in a regular expression.
bool is_character(const PatternSet::Pattern& pattern) {
  constexpr std::string_view kSyntax = R"(\^$.|?*+()[]{})";
  return pattern.regex.size() == 1 && !pattern.caseless && !pattern.once &&
         kSyntax.find(pattern.regex.front()) == std::string_view::npos;
}

bool before(const PatternSet::Hit& a, const PatternSet::Hit& b) {
  return a.first_end < b.first_end;
}

int note_hit(unsigned int id, unsigned long long, unsigned long long to, unsigned int,
             void* context) {
  Sink& sink = *static_cast<Sink*>(context);
  // Several patterns may match at each place of the same run.
  constexpr std::size_t kLast = 4;
  const auto last = sink.hits->rbegin(), first = sink.hits->rend();
  for (auto hit = last; hit != first && hit - last < static_cast<std::ptrdiff_t>(kLast); ++hit) {
    if (hit->pattern != id || hit->end + 1 != to) continue;
    hit->end = to;
    return 0;
  }
  if (sink.hits->size() == sink.most) {
    sink.too_many = true;
    return 1;
  }
  sink.hits->push_back({id, to, to});
  return 0;
}

}  // namespace

bool PatternSet::available() { return hs_valid_platform() == HS_SUCCESS; }

Result<std::shared_ptr<const PatternSet>> PatternSet::compile(
    const std::vector<Pattern>& patterns) {
  std::shared_ptr<PatternSet> set(new PatternSet);
  std::vector<const char*> texts;
  std::vector<unsigned> flags, ids;
  for (std::uint32_t id = 0; id < patterns.size(); ++id) {
    const Pattern& pattern = patterns[id];
    if (is_character(pattern)) {
      set->characters_.push_back({pattern.regex.front(), id});
      continue;
    }
    texts.push_back(pattern.regex.c_str());
    flags.push_back((pattern.caseless ? HS_FLAG_CASELESS : 0u) |
                    (pattern.once ? HS_FLAG_SINGLEMATCH : 0u));
    ids.push_back(id);
  }
  if (texts.empty()) return std::shared_ptr<const PatternSet>(std::move(set));
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(texts.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    Error failure{ErrorKind::config, error->message};
    hs_free_compile_error(error);
    return failure;
  }
  set->database_ = database;
  return std::shared_ptr<const PatternSet>(std::move(set));
}

PatternSet::~PatternSet() { hs_free_database(static_cast<hs_database_t*>(database_)); }

PatternSet::Scratch::Scratch(const PatternSet& set) {
  hs_scratch_t* scratch = nullptr;
  if (set.database_ == nullptr) return;
  if (hs_alloc_scratch(static_cast<const hs_database_t*>(set.database_), &scratch) == HS_SUCCESS) {
    memory_ = scratch;
  }
}

PatternSet::Scratch::~Scratch() { hs_free_scratch(static_cast<hs_scratch_t*>(memory_)); }

PatternSet::Scan PatternSet::scan(std::string_view text, Scratch& scratch, std::vector<Hit>& hits,
                                  std::size_t most) const {
  if (database_ != nullptr) {
    Sink sink{&hits, most};
    const hs_error_t outcome =
        hs_scan(static_cast<const hs_database_t*>(database_), text.data(),
                static_cast<unsigned>(text.size()), 0, static_cast<hs_scratch_t*>(scratch.memory_),
                note_hit, &sink);
    if (sink.too_many) return Scan::too_many;
    if (outcome != HS_SUCCESS) return Scan::failed;
    if (!std::is_sorted(hits.begin(), hits.end(), before))
      std::stable_sort(hits.begin(), hits.end(), before);
  }
  return scan_characters(text, hits, most);
}

PatternSet::Scan PatternSet::scan_characters(std::string_view text, std::vector<Hit>& hits,
                                             std::size_t most) const {
  for (const Character& character : characters_) {
    const auto known = static_cast<std::ptrdiff_t>(hits.size());
    for (std::size_t at = text.find(character.value); at != std::string_view::npos;) {
      std::size_t end = at + 1;
      while (end < text.size() && text[end] == character.value) ++end;
      if (hits.size() == most) return Scan::too_many;
      hits.push_back({character.pattern, at + 1, end});
      at = text.find(character.value, end);
    }
    std::inplace_merge(hits.begin(), hits.begin() + known, hits.end(), before);
  }
  return Scan::done;
}

#else

bool PatternSet::available() { return false; }

Result<std::shared_ptr<const PatternSet>> PatternSet::compile(const std::vector<Pattern>&) {
  return Error{ErrorKind::config, "this build has no vectorscan"};
}

PatternSet::~PatternSet() = default;
PatternSet::Scratch::Scratch(const PatternSet&) {}
PatternSet::Scratch::~Scratch() = default;

PatternSet::Scan PatternSet::scan(std::string_view, Scratch&, std::vector<Hit>&,
                                  std::size_t) const {
  return Scan::failed;
}

#endif

}  // namespace ship
