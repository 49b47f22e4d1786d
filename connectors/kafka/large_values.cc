#include "connectors/kafka/large_values.h"

#include <algorithm>
#include <vector>

#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kTaskBytes = 2, kNumberBytes = 2;
constexpr char kPart = 'z';
constexpr std::uint32_t kPartsMost = 0xffff;

// Part 0 is the head.
std::string part_key(std::string_view key, std::uint32_t number) {
  std::string part(key.substr(0, kTaskBytes));
  part.push_back(kPart);
  part.push_back(static_cast<char>(number >> 8));
  part.push_back(static_cast<char>(number));
  return part.append(key.substr(kTaskBytes));
}

// Whose head it is.
std::string key_of(std::string_view head) {
  return std::string(head.substr(0, kTaskBytes)).append(head.substr(kTaskBytes + 1 + kNumberBytes));
}

std::string heads_of(const std::string& prefix) { return prefix + kPart + std::string(kNumberBytes, '\0'); }

struct Head {
  std::uint32_t parts = 0;
  std::uint64_t size = 0;
  Hash128 hash;
};

std::string encode(const Head& head) {
  std::string bytes;
  Encoder out(bytes);
  out.varint(head.parts);
  out.varint(head.size);
  out.fixed64(head.hash.high);
  out.fixed64(head.hash.low);
  return bytes;
}

Result<Head> decode(std::string_view bytes) {
  Decoder in(bytes);
  Head head;
  head.parts = static_cast<std::uint32_t>(in.varint());
  head.size = in.varint();
  head.hash.high = in.fixed64();
  head.hash.low = in.fixed64();
  if (!in.ok() || head.parts == 0 || head.parts > kPartsMost)
    return Status::io("the state is damaged: what is known of a large value cannot be read; remove engine.state_dir");
  return head;
}

// All heads with the prefix, by their keys.
template <typename Visit>
Status for_each_head(const state::Store& store, const std::string& prefix, Visit visit) {
  const std::string heads = heads_of(prefix);
  const auto cursor = store.scan(heads, part_key(prefix, 1));
  for (; cursor->valid(); cursor->next()) {
    NUDGE_ASSIGN(const Head head, decode(cursor->value()));
    NUDGE_TRY(visit(key_of(cursor->key()), head));
  }
  return cursor->status();
}

// Nothing where no part is there: the value is joined already.
Result<std::optional<std::string>> join(const state::Store& store, const std::string& key, const Head& head) {
  std::optional<std::string> value;
  for (std::uint32_t number = 1; number <= head.parts; ++number) {
    NUDGE_ASSIGN(const auto part, store.get(part_key(key, number)));
    if (!part && !value) continue;
    if (!value) value.emplace();
    if (part) value->append(*part);
  }
  return value;
}

}  // namespace

Status LargeValues::load(const state::Store& store, const std::string& prefix) {
  return for_each_head(store, prefix, [&](const std::string& key, const Head& head) {
    parts_[key] = head.parts;
    return Status::ok();
  });
}

Status LargeValues::change(std::string_view key, std::optional<std::string_view> value, const Send& send,
                           state::Batch& store) {
  if (value && key.size() + value->size() > kPartBytesMax) return send_parts(key, *value, send, store);
  if (const auto known = parts_.empty() ? parts_.end() : parts_.find(key); known != parts_.end()) {
    NUDGE_TRY(erase_parts(key, 0, known->second, send));
    store.erase(part_key(key, 0));
    parts_.erase(known);
  }
  return send(key, value);
}

Status LargeValues::send_parts(std::string_view key, std::string_view value, const Send& send, state::Batch& store) {
  const std::uint64_t count = (value.size() + kPartBytesMax - 1) / kPartBytesMax;
  if (count > kPartsMost) return Status::internal("a value of the state is too large for the changelog");
  const Head head{static_cast<std::uint32_t>(count), value.size(), hash128(value)};
  const auto known = parts_.find(key);
  if (known == parts_.end()) NUDGE_TRY(send(key, std::nullopt));
  for (std::uint32_t number = 1; number <= head.parts; ++number)
    NUDGE_TRY(send(part_key(key, number), value.substr((number - 1) * kPartBytesMax, kPartBytesMax)));
  if (known != parts_.end()) NUDGE_TRY(erase_parts(key, head.parts + 1, known->second, send));
  const std::string bytes = encode(head);
  NUDGE_TRY(send(part_key(key, 0), bytes));
  store.put(part_key(key, 0), bytes);
  parts_[std::string(key)] = head.parts;
  return Status::ok();
}

Status LargeValues::erase_parts(std::string_view key, std::uint32_t first, std::uint32_t last, const Send& send) const {
  for (std::uint32_t number = first; number <= last; ++number) NUDGE_TRY(send(part_key(key, number), std::nullopt));
  return Status::ok();
}

Result<bool> join_large_values(state::Store& store, const std::string& prefix) {
  bool all = true;
  NUDGE_TRY(for_each_head(store, prefix, [&](const std::string& key, const Head& head) -> Status {
    NUDGE_ASSIGN(const auto value, join(store, key, head));
    if (!value) return Status::ok();
    if (value->size() != head.size || hash128(*value) != head.hash) {
      all = false;
      return Status::ok();
    }
    state::Batch joined;
    joined.put(key, *value);
    for (std::uint32_t number = 1; number <= head.parts; ++number) joined.erase(part_key(key, number));
    return store.write(joined);
  }));
  return all;
}

}  // namespace nudge::connectors::kafka
