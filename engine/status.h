// The outcome of what can be expected to fail. A bug is an assertion instead (engine/check.h).
//
// A Status is ok, or a class of failure with a message that names the place and the remedy.
// The class decides the exit code of the program (sysexits).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/check.h"

namespace nudge {

enum class ErrorClass : int {
  kUsage = 64,
  kBadData = 65,
  kUnavailable = 69,
  kInternal = 70,
  kInputOutput = 74,
  kConfig = 78,
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  static Status ok() { return {}; }
  static Status error(ErrorClass error_class, std::string message) {
    Status status;
    status.failure_.emplace(Failure{error_class, std::move(message)});
    return status;
  }
  static Status io(std::string message) { return error(ErrorClass::kInputOutput, std::move(message)); }
  static Status config(std::string message) { return error(ErrorClass::kConfig, std::move(message)); }
  static Status bad_data(std::string message) { return error(ErrorClass::kBadData, std::move(message)); }
  static Status usage(std::string message) { return error(ErrorClass::kUsage, std::move(message)); }
  static Status internal(std::string message) { return error(ErrorClass::kInternal, std::move(message)); }

  bool is_ok() const { return !failure_; }
  explicit operator bool() const { return is_ok(); }
  // Both need a failure.
  ErrorClass error_class() const { return failure_->error_class; }
  const std::string& message() const { return failure_->message; }

 private:
  struct Failure {
    ErrorClass error_class;
    std::string message;
  };
  std::optional<Failure> failure_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Result(Status status) : content_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    NUDGE_CHECK(!std::get<Status>(content_).is_ok(), "a Result without value needs a failure");
  }
  bool is_ok() const { return std::holds_alternative<T>(content_); }
  explicit operator bool() const { return is_ok(); }
  Status status() const { return is_ok() ? Status::ok() : std::get<Status>(content_); }
  T& value() & { return std::get<T>(content_); }
  const T& value() const& { return std::get<T>(content_); }
  T&& value() && { return std::get<T>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> content_;
};

}  // namespace nudge

// Returns the failure of a Status expression from the enclosing function.
#define NUDGE_TRY(expression)                                                                    \
  do {                                                                                           \
    if (::nudge::Status nudge_status = (expression); !nudge_status.is_ok()) return nudge_status; \
  } while (false)

#define NUDGE_JOIN_(a, b) a##b
#define NUDGE_JOIN(a, b) NUDGE_JOIN_(a, b)
// Declares `target` with the value of a Result expression, or returns its failure.
#define NUDGE_ASSIGN(target, expression)                                                                 \
  auto NUDGE_JOIN(nudge_result_, __LINE__) = (expression);                                               \
  if (!NUDGE_JOIN(nudge_result_, __LINE__).is_ok()) return NUDGE_JOIN(nudge_result_, __LINE__).status(); \
  target = std::move(NUDGE_JOIN(nudge_result_, __LINE__)).value()
