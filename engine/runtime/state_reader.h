// Reads a state that nobody works on: its customers as operators left them, and the models that hold.
//
// Nothing is changed. Not for threads.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/operator.h"
#include "engine/runtime/program.h"
#include "state/store.h"

namespace nudge::runtime {

class StateReader {
 public:
  // A customer's columns as of the reader's time; valid during the call that it is given to.
  class StoredCustomer {
   public:
    StoredCustomer(std::string_view id, std::function<Value(const ColumnRef&)> read)
        : id_(id), read_(std::move(read)) {}
    std::string_view id() const { return id_; }
    Value value(const ColumnRef& column) const { return read_(column); }

   private:
    std::string_view id_;
    std::function<Value(const ColumnRef&)> read_;
  };

  // kConfig where the folder is not nudge's, is of another format or partitions, or is in use. The program must outlive
  // the reader.
  static Result<std::unique_ptr<StateReader>> open(const std::string& folder, const Program& program);

  // How far event time has come: the newest watermark of any task.
  Millis now() const { return now_; }
  // By name; empty where nothing was learnt yet.
  const std::map<std::string, Model>& models() const { return models_; }
  // Every customer once.
  Status for_each(const std::function<void(const StoredCustomer&)>& take) const;

 private:
  StateReader(const Program& program, std::unique_ptr<state::Store> store)
      : program_(program), store_(std::move(store)) {}
  Status read_clock_and_models();

  const Program& program_;
  std::unique_ptr<state::Store> store_;
  Millis now_ = kBeforeAll;
  std::map<std::string, Model> models_;
};

}  // namespace nudge::runtime
