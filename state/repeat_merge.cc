#include "state/repeat_merge.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nudge::state {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t hashes_of(const std::vector<const RepeatRun*>& runs) {
  std::uint64_t hashes = 0;
  for (const RepeatRun* run : runs) hashes += run->hashes();
  return hashes;
}

}  // namespace

std::string repeat_log_key(std::string_view prefix, std::uint64_t number) {
  std::string key(prefix);
  key.push_back('l');
  append_number(key, number);
  return key;
}

std::string repeat_block_key(std::string_view prefix, std::uint64_t run, std::uint64_t block) {
  std::string key(prefix);
  key.push_back('r');
  append_number(key, run);
  append_number(key, block);
  return key;
}

std::string repeat_runs_key(std::string_view prefix) { return std::string(prefix) + "h"; }

std::uint64_t repeat_key_number(std::string_view key, std::size_t at) {
  std::uint64_t value = 0;
  for (const char c : key.substr(at, 8)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_hashes(std::string& out, const Hash128* hashes, std::size_t count) {
  out.append(reinterpret_cast<const char*>(hashes), count * sizeof(Hash128));
}

Status read_hashes(std::string_view bytes, std::vector<Hash128>& hashes) {
  hashes.resize(bytes.size() / sizeof(Hash128));
  if (hashes.empty() || bytes.size() % sizeof(Hash128) != 0) return damaged_repeats("a block has a wrong size");
  std::memcpy(hashes.data(), bytes.data(), bytes.size());
  return Status::ok();
}

Status damaged_repeats(std::string_view what) {
  return Status::io("the state is damaged: of the remembered event ids " + std::string(what) +
                    "; remove engine.state_dir to replay from the beginning");
}

RepeatMerge::RepeatMerge(const Store& store, std::string prefix, const std::vector<const RepeatRun*>& inputs,
                         std::uint64_t number)
    : store_(&store), prefix_(std::move(prefix)), output_(number, hashes_of(inputs)) {
  for (const RepeatRun* run : inputs) inputs_.push_back({run->number(), run->blocks()});
}

Result<bool> RepeatMerge::stand(Input& input) {
  if (input.at < input.hashes.size()) return true;
  if (input.next_block == input.blocks) return false;
  NUDGE_ASSIGN(const auto bytes, store_->get(repeat_block_key(prefix_, input.number, input.next_block)));
  if (!bytes) return damaged_repeats("a block is missing");
  NUDGE_TRY(read_hashes(*bytes, input.hashes));
  input.at = 0;
  ++input.next_block;
  return true;
}

Result<bool> RepeatMerge::go_on(Batch& batch, std::uint64_t hashes_max) {
  for (const std::uint64_t until = written_ + hashes_max; written_ < until;) {
    Input* least = nullptr;
    for (Input& input : inputs_) {
      NUDGE_ASSIGN(const bool stands, stand(input));
      if (stands && (least == nullptr || input.hashes[input.at] < least->hashes[least->at])) least = &input;
    }
    if (least != nullptr) block_.push_back(least->hashes[least->at++]);
    if (block_.size() == RepeatRun::kBlockHashes || (least == nullptr && !block_.empty())) write_block(batch);
    if (least != nullptr) continue;
    if (written_ != output_.hashes()) return damaged_repeats("some are missing");
    return true;
  }
  return false;
}

void RepeatMerge::write_block(Batch& batch) {
  std::string bytes;
  append_hashes(bytes, block_.data(), block_.size());
  batch.put(repeat_block_key(prefix_, output_.number(), output_.blocks()), bytes);
  output_.add_block(block_);
  written_ += block_.size();
  block_.clear();
}

bool RepeatMerge::has_input(std::uint64_t number) const {
  return std::any_of(inputs_.begin(), inputs_.end(), [&](const Input& input) { return input.number == number; });
}

std::size_t RepeatMerge::bytes() const {
  return output_.bytes() + (inputs_.size() + 1) * RepeatRun::kBlockHashes * sizeof(Hash128);
}

}  // namespace nudge::state
