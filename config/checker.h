// Makes a checked Value of what was written, by its Parameter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/parameter.h"

namespace nudge::config {

// Every problem is added to `problems` and checking goes on: where a value is wrong or a required one is missing, the
// tree holds the default or, without one, a neutral value (zero, empty, the first choice), so that it stays readable.
class Checker {
 public:
  Checker(const Parameter& root, std::vector<Problem>& problems) : root_(root), problems_(problems) {}

  Value check_root(const Written& written);

 private:
  Value check(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_scalar(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_text(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_secret(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_object(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_list(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_table(const Written& written, const Parameter& parameter, const std::string& path);
  Value check_any(const Written& written, const Parameter& parameter, const std::string& path);

  // A parameter that was not given; `around` is where it could have been.
  Value absent(const Parameter& parameter, Location around);
  static Value null_of(const Parameter& parameter, Location location);
  Value defaulted(const Parameter& parameter, const std::string& path);
  // What stands for a wrong value.
  Value instead_of(const Written& written, const Parameter& parameter, const std::string& path);
  Value wrong(const Written& written, const Parameter& parameter, const std::string& path, const std::string& what);
  void unknown_key(const Parameter& parameter, const Written::Entry& entry, const std::string& path);
  void problem(Location location, std::string what, std::string remedy);
  static Value neutral(const Parameter& parameter, Location location);
  static Value start(Kind kind, Location location);

  const Parameter& root_;
  std::vector<Problem>& problems_;
};

}  // namespace nudge::config
