// A task's share of the catalogue for the global part: each product is told by one task, when it becomes known and when
// it changes; after a restart once more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/product_catalog.h"
#include "operators/rules/told.h"

namespace nudge::rules {

class CatalogueTeller {
 public:
  // `catalogue` may be null: nothing is told.
  CatalogueTeller(const ProductCatalog* catalogue, std::uint32_t task, std::uint32_t tasks)
      : catalogue_(catalogue), task_(task), tasks_(tasks) {}

  // Appends what has changed since the last call.
  void tell(std::string& log);

 private:
  const ProductCatalog* catalogue_;
  std::uint32_t task_, tasks_;
  std::uint64_t version_ = 0;        // of the catalogue, when it was told last
  std::vector<std::uint64_t> told_;  // by the product's number: a hash of what was told; 0: nothing
  std::string bytes_;
};

}  // namespace nudge::rules
