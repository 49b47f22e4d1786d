#include "operators/rules/task_log.h"

#include <utility>

namespace nudge::rules {
namespace {

constexpr std::size_t kPieceBytes = 16 << 10;

}  // namespace

void TaskLog::end_entry() {
  open_changed_ = true;
  if (open_.size() < kPieceBytes) return;
  whole_ += open_;
  ends_.push_back(whole_.size());
  open_.clear();
}

std::string TaskLog::take() {
  std::string all = std::exchange(whole_, {});
  all += open_;
  open_.clear();
  ends_.clear();
  written_ = 0;
  open_changed_ = true;
  return all;
}

void TaskLog::write(PieceWriter& out) {
  for (; written_ < ends_.size(); ++written_) {
    const std::size_t begin = written_ == 0 ? 0 : ends_[written_ - 1];
    out.put(written_, std::string_view(whole_).substr(begin, ends_[written_] - begin));
  }
  if (std::exchange(open_changed_, false) && !open_.empty()) out.put(written_, open_);
  const std::size_t pieces = written_ + (open_.empty() ? 0 : 1);
  for (std::size_t gone = pieces; gone < stored_; ++gone) out.erase(gone);
  stored_ = pieces;
}

bool TaskLog::read(std::uint64_t number, std::string_view piece) {
  if (number != stored_) return false;
  ++stored_;
  if (piece.size() < kPieceBytes) {
    open_ = piece;
    return true;
  }
  whole_ += piece;
  ends_.push_back(whole_.size());
  ++written_;
  return true;
}

}  // namespace nudge::rules
