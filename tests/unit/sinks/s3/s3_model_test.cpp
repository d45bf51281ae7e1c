#include <atomic>
#include <cstdlib>
#include <random>
#include <semaphore>
#include <set>
#include <thread>

#include "delivery/lane.hpp"
#include "delivery/spooler.hpp"
#include "delivery/worker.hpp"
#include "sinks/s3/s3_sink.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/sinks/s3/mortal_process.hpp"

namespace ship {
namespace {

using namespace std::chrono_literals;
using testing::HurriedClock;
using testing::Life;
using testing::MortalClient;
using testing::MortalFiles;
using testing::S3Store;

/// What a process of the model runs with.
struct Plan {
  SinkSettings settings;
  S3SinkSettings s3;
  std::string host;
};

/// One run of the shipper's lane, with its spooler and its workers, from its start to its end.
class Process {
 public:
  Process(Plan plan, Files& disk, S3Store& store, std::uint64_t dies_at)
      : plan_(std::move(plan)), life_(dies_at), files_(disk, life_), store_(store) {
    SpoolOptions options;
    options.directory = "/spool/s3";
    options.mode = SpoolMode::durable;
    options.keeps_batches = true;
    options.segment_bytes = 4096;
    auto opened = Spool::open(files_, options);
    if (!opened) return;
    lane_ = std::make_unique<Lane>(
        plan_.settings, clock_, [](LogLevel, const std::string&) {},
        std::move(opened.value().spool),
        [this] {
          if (lane_->ended() && !over_.exchange(true)) ended_.release();
        });
    for (std::uint32_t i = 0; i < plan_.settings.delivery.first_workers(); ++i) {
      workers_.push_back(std::make_unique<Worker>(*lane_, sink(), clock_, "run", nullptr,
                                                  ParkedThread::make().value()));
    }
    spooler_ = std::make_unique<Spooler>(*lane_, ParkedThread::make().value());
    for (auto& worker : workers_) worker->start();
    spooler_->start();
  }

  /// False: it did not get through its start.
  bool runs() const { return lane_ != nullptr; }
  bool is_dead() const { return life_.is_over(); }
  void submit(std::span<const Record> records) { lane_->submit(records); }
  /// Waits until all that was submitted is on disk, or further. False: it died first.
  bool is_on_disk() {
    while (!life_.is_over()) {
      const LaneCounts counts = lane_->snapshot().counts;
      if (counts.pending == counts.in_flight) return !life_.is_over();
      std::this_thread::yield();
    }
    return false;
  }
  /// Delivers all, or dies on the way.
  LaneCounts drain() {
    lane_->close();
    lane_->begin_drain(clock_.steady() + 1h);
    while (!over_ && !life_.is_over()) std::this_thread::yield();
    return end();
  }
  LaneCounts end() {
    lane_->stop();
    ended_.acquire();
    for (auto& worker : workers_) worker->join();
    spooler_->join();
    lane_->abandon();
    return lane_->snapshot().counts;
  }

 private:
  std::unique_ptr<Sink> sink() {
    S3Key key = S3Key::parse("logs", "{host}").value();
    REQUIRE(key.set_names(plan_.host, {}).ok());
    return std::make_unique<S3Sink>(
        plan_.s3, std::move(key), std::make_unique<MortalClient>(store_, life_),
        std::make_unique<AwsSigner>(
            plan_.s3.aws, [](const char*) { return std::string(); }, make_curl_client, clock_));
  }

  const Plan plan_;
  HurriedClock clock_;
  Life life_;
  MortalFiles files_;
  S3Store& store_;
  std::atomic<bool> over_ = false;
  std::binary_semaphore ended_{0};
  std::unique_ptr<Lane> lane_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Spooler> spooler_;
};

/// Several processes, one after the other, over one disk and one bucket, all from one seed.
class Model {
 public:
  explicit Model(unsigned seed) : random_(seed), store_(seed) {
    REQUIRE(disk_.make_directory("/spool", 0700).ok());
  }

  void run() {
    const unsigned lives = 1 + below(5);
    for (unsigned i = 0; i < lives; ++i) live(below(3) == 0 ? 0 : 1 + below(400));
    store_.misbehave(0);
    Process last(plan(), disk_, store_, 0);
    REQUIRE(last.runs());
    const LaneCounts counts = last.drain();
    CHECK(counts.balanced());
    CHECK(counts.spooled == 0);
    CHECK(counts.dropped_total() == 0);
  }

  void check() const {
    const std::map<std::string, int> stored = store_.lines();
    std::size_t missing = 0;
    std::size_t twice = 0;
    for (const std::string& line : kept_) missing += stored.count(line) == 0 ? 1 : 0;
    for (const auto& [line, times] : stored) {
      twice += times > 1 ? 1 : 0;
      CHECK(written_.count(line) == 1);
    }
    INFO("lives:" << story_);
    CHECK(missing == 0);
    CHECK(twice == 0);
    CHECK_FALSE(store_.replaced());
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_()) % bound; }

  Plan plan() {
    Plan plan;
    SinkSettings& settings = plan.settings;
    settings.name = "s3";
    settings.delivery.workers = 1 + below(4);
    settings.delivery.order = DeliveryOrder::any;
    settings.delivery.batch_size = 1 + below(40);
    settings.delivery.batch_max_bytes = 200 + below(4000);
    settings.delivery.batch_timeout = below(2) == 0 ? 0ms : 3'600'000ms;
    settings.delivery.retry_base = 0ms;
    settings.delivery.breaker_failures = 0;
    settings.spool.dir = "/spool";
    settings.spool.mode = SpoolMode::durable;
    settings.queue.size = below(2) == 0 ? 64 : 1000;
    plan.s3.transport.url = "http://store/b/";
    plan.s3.aws.service = "s3";
    plan.s3.aws.region = "us-east-1";
    plan.s3.aws.access_key_id = "key";
    plan.s3.aws.secret_access_key = Secret::literal("secret");
    plan.s3.compress = static_cast<Compression>(below(3));
    // A container that is made anew has another name.
    plan.host = "host-" + std::to_string(below(3));
    settings.kind = plan.s3;
    return plan;
  }

  void live(std::uint64_t dies_at) {
    store_.misbehave(static_cast<int>(below(40)));
    {
      Process process(plan(), disk_, store_, dies_at);
      if (process.runs()) {
        const unsigned bursts = 1 + below(6);
        for (unsigned i = 0; i < bursts && !process.is_dead(); ++i) submit(process, 1 + below(30));
        const LaneCounts counts = below(2) == 0 ? process.drain() : process.end();
        if (!process.is_dead()) {
          story_ += " ended;";
          INFO(story_ << " queue_full " << counts.dropped[0] << " evicted " << counts.dropped[1]
                      << " rejected " << counts.dropped[2] << " expired " << counts.dropped[3]
                      << " shutdown " << counts.dropped[4] << " dup " << counts.dropped[5]
                      << " damaged " << counts.dropped[6]);
          CHECK(counts.balanced());
          CHECK(counts.dropped_total() == 0);
          return;
        }
      }
    }
    if (below(3) == 0) {
      story_ += " power off;";
      disk_.crash_scrambled(below(1'000'000));  // the machine, not only the process
    } else {
      story_ += " killed;";
      disk_.kill();
    }
  }

  void submit(Process& process, unsigned count) {
    std::vector<std::string> lines;
    for (unsigned i = 0; i < count; ++i) {
      lines.push_back("{\"n\":" + std::to_string(++last_) + "}");
      written_.insert(lines.back());
    }
    std::vector<Record> records;
    for (unsigned i = 0; i < count; ++i) {
      Record record;
      record.line = lines[i];
      record.level = level_from_python_number(below(3) == 0 ? 40 : 20);
      record.id = {{7, 9}, last_ - count + i + 1};
      records.push_back(record);
    }
    process.submit(records);
    if (process.is_on_disk()) kept_.insert(lines.begin(), lines.end());
  }

  std::mt19937 random_;
  MemoryFiles disk_;
  S3Store store_;
  std::uint64_t last_ = 0;
  std::string story_;
  std::set<std::string> written_;
  std::set<std::string> kept_;  ///< of those, what was on disk before the process died
};

}  // namespace

TEST_CASE("s3 sink: what is on disk is stored once, whatever is lost, refused, cut or killed",
          "[sinks][s3][model]") {
  const char* const wanted = std::getenv("S3_MODEL_SEEDS");
  const unsigned seeds = wanted ? static_cast<unsigned>(std::atoi(wanted)) : 200;
  const char* const first = std::getenv("S3_MODEL_FIRST");
  for (unsigned seed = first ? static_cast<unsigned>(std::atoi(first)) : 0; seed < seeds; ++seed) {
    INFO("seed " << seed);
    Model model(seed);
    model.run();
    model.check();
  }
}

}  // namespace ship
