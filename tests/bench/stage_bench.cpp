// How fast the stages are, in memory, on one core: each stage over the lines of a file, and over
// lines made to slow it.
//   stage_bench [FILE [MEGABYTES]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "record/probe.hpp"
#include "settings/settings.hpp"
#include "stage/choose/expression.hpp"
#include "stage/pipeline.hpp"

namespace {

using namespace ship;

struct Corpus {
  std::vector<std::string> lines;
  std::vector<Record> records;
  std::size_t bytes = 0;

  void add(std::string line) { lines.push_back(std::move(line)); }
  void finish() {
    Probe probe;
    for (const std::string& line : lines) {
      const Finding found = probe.probe(line);
      if (found.fault != Fault::none) continue;
      Record record;
      record.line = line;
      record.level = found.level;
      record.level_size = found.level_size;
      record.level_at = found.level_at;
      records.push_back(record);
      bytes += line.size() + 1;
    }
  }
};

Corpus corpus_of(const std::string& path) {
  Corpus corpus;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) corpus.add(line);
  corpus.finish();
  return corpus;
}

Corpus repeated(const std::string& text, std::size_t size) {
  Corpus corpus;
  std::string message;
  while (message.size() < size) message += text;
  for (int i = 0; i < 16; ++i) corpus.add(R"({"level":"INFO","message":")" + message + "\"}");
  corpus.finish();
  return corpus;
}

// The best of several rounds: MB a second and lines a second.
void measure(const std::string& name, const Corpus& corpus, std::size_t bytes,
             const std::function<std::size_t(const Record&)>& work) {
  using Seconds = std::chrono::duration<double>;
  const std::size_t rounds = 5;
  const std::size_t repeats = std::max<std::size_t>(1, bytes / rounds / corpus.bytes);
  double best = 0;
  std::size_t hits = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    hits = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < repeats; ++i) {
      for (const Record& record : corpus.records) hits += work(record);
    }
    const Seconds taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(repeats) / taken.count());
  }
  std::printf("%8.0f MB/s %8.2f M lines/s  %-44s %zu of %zu\n",
              best * static_cast<double>(corpus.bytes) / 1e6,
              best * static_cast<double>(corpus.records.size()) / 1e6, name.c_str(), hits / repeats,
              corpus.records.size());
  std::fflush(stdout);
}

void measure_where(const char* expression, const Corpus& corpus, std::size_t bytes) {
  auto compiled = Expression::compile(expression);
  if (!compiled) return;
  measure(std::string("where ") + expression, corpus, bytes,
          [&](const Record& record) { return compiled.value().holds(record); });
}

void measure_redaction(const std::string& name, const RedactSettings& redact, const Corpus& corpus,
                       std::size_t bytes) {
  Settings settings;
  settings.redact = redact;
  auto plan = PipelinePlan::compile(settings);
  if (!plan) {
    std::printf("%s: %s\n", name.c_str(), plan.error().message.c_str());
    return;
  }
  Pipeline pipeline(plan.value());
  Arena arena;
  measure(name, corpus, bytes, [&](const Record& record) {
    Record copy = record;
    const bool changed = pipeline.process(copy, arena) == Pipeline::Outcome::changed;
    if (changed) arena.reset();
    return static_cast<std::size_t>(changed);
  });
}

RedactSettings sets(std::vector<std::string> names) {
  RedactSettings redact;
  redact.presets = std::move(names);
  return redact;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : SHIP_TEST_DATA "/fapilog-stdout.ndjson";
  const std::size_t bytes = (argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200) << 20;
  const Corpus corpus = corpus_of(path);
  if (corpus.records.empty()) {
    std::fprintf(stderr, "%s: no records to read\n", path.c_str());
    return 1;
  }
  std::printf("%s: %zu records, %zu bytes\n", path.c_str(), corpus.records.size(), corpus.bytes);
  measure_where("level >= ERROR", corpus, bytes);
  measure_where("status >= 500 and not path starts_with '/health'", corpus, bytes);
  measure_where("message contains 'cache' or data.order_id > 15", corpus, bytes);
  measure_where("message matches '(a+)+$'", corpus, bytes);

  RedactSettings twenty = sets({"jwt",         "aws_key",       "github_token", "gitlab_token",
                                "slack_token", "stripe_key",    "google_key",   "npm_token",
                                "pypi_token",  "sendgrid_key",  "openai_key",   "huggingface_token",
                                "vault_token", "shopify_token", "private_key",  "url_userinfo",
                                "bearer",      "authorization", "cookie",       "assignment"});
  measure_redaction("redact 20 patterns", twenty, corpus, bytes);
  measure_redaction("redact credentials", sets({"credentials"}), corpus, bytes);
  measure_redaction("redact pci", sets({"pci"}), corpus, bytes);
  measure_redaction("redact pii", sets({"pii"}), corpus, bytes);
  measure_redaction("redact credentials, pii", sets({"credentials", "pii"}), corpus, bytes);
  RedactSettings fields;
  fields.fields = {"password", "data.*.token", "*_secret"};
  measure_redaction("redact 3 fields", fields, corpus, bytes);

  const struct {
    const char* name;
    const char* text;
  } hard[] = {{"a long run of letters", "aaaaaaaaaaaaaaaa"},
              {"a long run of digits", "1234567890"},
              {"groups of digits", "1234 5678 9012 3450 "},
              {"at signs", "a@b@c@d@"},
              {"colons", "::1:2:3:4:5:6:"},
              {"equals", "password=password="},
              {"slashes", "://a:b@://"},
              {"words", "the quick brown fox jumps over it "}};
  for (const auto& [name, text] : hard) {
    measure_redaction(std::string("credentials, pii: ") + name, sets({"credentials", "pii"}),
                      repeated(text, 64 << 10), bytes / 4);
  }
  RedactSettings nested;
  nested.patterns = {{"nested", "(a+)+b"}};
  measure_redaction("pattern (a+)+b: a long run of letters", nested, repeated("aaaa", 64 << 10),
                    bytes / 4);
  return 0;
}
