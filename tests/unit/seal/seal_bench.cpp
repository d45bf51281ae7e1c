#include "tests/unit/seal/seal_bench.hpp"

#include <algorithm>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/catch.hpp"

namespace ship::testing {

std::string new_seal_key() {
  EVP_PKEY* const key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

SealBench::SealBench() {
  settings.path = "/app.ndjson";
  settings.seal = true;
  settings.seal_key_file = "/no/such/key";
  files.set_time(clock.wall());
}

Ed25519Key SealBench::key() const {
  auto key = Ed25519Key::parse_private(key_pem);
  REQUIRE(key.ok());
  return std::move(key).value();
}

void SealBench::start() {
  SinkEnvironment environment;
  environment.files = &files;
  environment.clock = &clock;
  environment.log = [this](LogLevel, std::string text) {
    const std::lock_guard lock(log_mutex);
    log.push_back(std::move(text));
  };
  environment.take_losses = [this] {
    SinkLosses taken = losses;
    losses.by_reason.clear();
    return taken;
  };
  sink.reset();
  sink = std::make_unique<FileSink>(settings, files, clock, environment.log,
                                    std::make_unique<FileSeal>(settings, key(), environment));
}

bool SealBench::said(std::string_view text) {
  const std::lock_guard lock(log_mutex);
  return std::any_of(log.begin(), log.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

Verdict SealBench::send(const std::vector<std::string>& lines) {
  if (!sink) start();
  const OwnedRecords batch(lines);
  return sink->send(batch.records(), {});
}

void SealBench::deliver(const std::vector<std::string>& lines) {
  const Verdict verdict = send(lines);
  INFO(verdict.reason);
  REQUIRE(verdict.kind == Verdict::Kind::ok);
}

void SealBench::tick() {
  clock.advance(std::chrono::seconds(1));
  files.set_time(clock.wall());
  if (sink) sink->wake();
}

void SealBench::stop() {
  if (sink) sink->close({});
  sink.reset();
}

void SealBench::kill() {
  files.kill();
  sink.reset();
}

std::vector<SealReport> SealBench::verify(const std::vector<std::string>& paths) {
  SealVerifier verifier(files, keys());
  std::vector<SealReport> reports;
  for (const std::string& path : paths) reports.push_back(verifier.verify(path));
  check_links(reports);
  return reports;
}

std::vector<std::string> SealBench::logs() const {
  std::vector<std::string> logs;
  for (const std::string& path : files.paths()) {
    if (!path.ends_with(".seal") && path != settings.path) logs.push_back(path);
  }
  if (files.exists(settings.path)) logs.push_back(settings.path);
  return logs;
}

std::string SealBench::first_fault(const std::vector<std::string>& paths) {
  for (const SealReport& report : verify(paths)) {
    if (report.unreadable) return report.unreadable->message;
    if (report.fault) {
      return report.path + ":" + std::to_string(report.fault->line) + ": " + report.fault->what;
    }
  }
  return {};
}

std::vector<std::string> SealBench::seal_lines(const std::string& path) const {
  return whole_lines(files.content(path + ".seal"));
}

std::vector<std::string> numbered_lines(std::size_t first, std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines.push_back("{\"n\":" + std::to_string(first + i) + "}");
  }
  return lines;
}

std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

}  // namespace ship::testing
