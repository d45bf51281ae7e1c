#include "stage/choose/key_table.hpp"

#include <list>
#include <random>

#include "tests/catch.hpp"

using ship::KeyTable;

TEST_CASE("key table: behaves as a list that is searched", "[key_table]") {
  struct Item {
    std::uint64_t key;
    int value;
  };
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    KeyTable<int> table(8);
    std::list<Item> model;
    for (int step = 0; step < 2000; ++step) {
      // Few keys, and such that many fall on the same place.
      const std::uint64_t key = (random() % 4) * 32 + random() % 5;
      const auto known =
          std::find_if(model.begin(), model.end(), [&](const Item& i) { return i.key == key; });
      int* const found = table.find(key);
      REQUIRE((found != nullptr) == (known != model.end()));
      if (found != nullptr) {
        REQUIRE(*found == known->value);
        if (random() % 2 == 0) {
          table.touch(key);
          model.splice(model.end(), model, known);
        }
      } else {
        if (table.full()) {
          REQUIRE(table.front() == model.front().value);
          table.pop_front();
          model.pop_front();
        }
        table.add(key) = step;
        model.push_back({key, step});
      }
      if (random() % 7 == 0 && !table.empty()) {
        table.pop_front();
        model.pop_front();
      }
      REQUIRE(table.size() == model.size());
    }
  }
}
