#include "rows/nearest.hpp"

#include "tests/catch.hpp"

using ship::did_you_mean;
using ship::nearest;

TEST_CASE("nearest: a typo finds the key that was meant, a stranger finds none", "[config]") {
  const std::vector<std::string> keys = {"queue.size", "queue.max_bytes", "delivery.batch_size",
                                         "labels",     "label_fields",    "max_age"};
  CHECK(nearest("queue.szie", keys) == "queue.size");
  CHECK(nearest("queue-size", keys) == "queue.size");
  CHECK(nearest("QUEUE_SIZE", keys) == "queue.size");
  CHECK(nearest("size", keys) == "queue.size");
  CHECK(nearest("batch_size", keys) == "delivery.batch_size");
  CHECK(nearest("batchsize", keys) == "delivery.batch_size");
  CHECK(nearest("max_byte", keys) == "queue.max_bytes");
  CHECK(nearest("label", keys) == "labels");
  CHECK(nearest("lable_fields", keys) == "label_fields");
  CHECK(nearest("maxage", keys) == "max_age");
  CHECK(nearest("compression", keys).empty());
  CHECK(nearest("", keys).empty());
  CHECK(nearest("x", {}).empty());
  CHECK(nearest(std::string(100000, 'x'), keys).empty());
  CHECK(did_you_mean("lables", keys) == "; did you mean \"labels\"?");
  CHECK(did_you_mean("xyz", keys).empty());
}
