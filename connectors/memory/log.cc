#include "connectors/memory/log.h"

#include <algorithm>
#include <utility>

#include "engine/decode.h"

namespace nudge::connectors {

class MemoryReader final : public PartitionReader {
 public:
  MemoryReader(const MemoryLog& log, const PartitionInfo& partition, std::uint64_t next)
      : log_(log), topic_(name_of(partition.topic)), partition_(partition.partition), next_(next) {}

  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) override {
    batch.lines.clear();
    batch.bytes.clear();
    {
      const std::lock_guard lock(log_.mutex_);
      const MemoryLog::Partition& records = log_.topics_.find(topic_)->second[partition_];
      while (next_ < records.size() && batch.lines.size() < records_max && batch.bytes.size() < bytes_max) {
        const std::string& record = records[next_];
        const auto begin = static_cast<std::uint32_t>(batch.bytes.size()),
                   size = static_cast<std::uint32_t>(record.size());
        batch.bytes.append(record);
        batch.lines.push_back({next_++, begin, size, begin, size, 0});
        bytes_read_ += size;
      }
    }
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }

  std::uint64_t bytes_read() const override { return bytes_read_; }
  bool behind() const override { return next_ < log_.records(topic_, partition_); }

 private:
  const MemoryLog& log_;
  const std::string topic_;
  const std::uint32_t partition_;
  std::uint64_t next_;
  std::uint64_t bytes_read_ = 0;
};

namespace {

class MemorySource final : public Source {
 public:
  MemorySource(const MemoryLog& log, bool endless) : log_(log), endless_(endless) {
    for (std::size_t i = 0; i < kTopicCount; ++i) {
      const std::string name(kTopicNames[i]);
      for (std::uint32_t partition = 0; partition < log.partitions(name); ++partition) {
        std::uint64_t bytes = 0;
        for (const std::string& record : log.content(name, partition)) bytes += record.size();
        const std::string label = "memory:" + name + "/" + std::to_string(partition);
        partitions_.push_back({static_cast<Topic>(i), partition, label, bytes, label});
      }
    }
  }
  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }
  bool endless() const override { return endless_; }

  Result<std::unique_ptr<PartitionReader>> open(const PartitionInfo& partition, Position from) const override {
    const std::string_view topic = name_of(partition.topic);
    if (partition.partition >= log_.partitions(topic) || from.offset > log_.records(topic, partition.partition))
      return Status::io(partition.name + ": has no record " + std::to_string(from.offset) +
                        "; a log in memory begins anew with the program, read it from the beginning");
    return std::unique_ptr<PartitionReader>(std::make_unique<MemoryReader>(log_, partition, from.offset));
  }

 private:
  const MemoryLog& log_;
  const bool endless_;
  std::vector<PartitionInfo> partitions_;
  std::vector<std::string> warnings_;
};

}  // namespace

class MemorySink final : public Sink {
 public:
  MemorySink(MemoryLog& log, std::vector<std::string> topics) : log_(log), topics_(std::move(topics)) {}

  Status reset() override { return rewind({}); }

  Status rewind(const SinkPosition& position) override {
    const std::lock_guard lock(log_.mutex_);
    for (const std::string& topic : topics_) {
      auto& partitions = log_.topics_[topic];
      if (partitions.empty()) partitions.emplace_back();
      const auto found = position.find(topic);
      const std::uint64_t length = found == position.end() ? 0 : found->second;
      if (length > partitions[0].size())
        return Status::io("memory:" + topic + ": is shorter than the last commit left it; replay from the beginning");
      partitions[0].resize(length);
    }
    return Status::ok();
  }

  Status append(std::string_view topic, std::string_view lines) override {
    NUDGE_CHECK(std::find(topics_.begin(), topics_.end(), topic) != topics_.end(), "a sink knows its topics");
    NUDGE_CHECK(lines.empty() || lines.back() == '\n', "a sink takes whole lines");
    const std::lock_guard lock(log_.mutex_);
    const auto partitions = log_.topics_.find(topic);
    NUDGE_CHECK(partitions != log_.topics_.end(), "a sink is reset or rewound before it is written");
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      partitions->second[0].emplace_back(lines.substr(0, end));
      lines.remove_prefix(end + 1);
    }
    return Status::ok();
  }

  Result<SinkPosition> flush() override {
    SinkPosition position;
    for (const std::string& topic : topics_) position[topic] = log_.records(topic, 0);
    return position;
  }

 private:
  MemoryLog& log_;
  const std::vector<std::string> topics_;
};

void MemoryLog::make_topic(std::string_view topic, std::uint32_t partitions) {
  const std::lock_guard lock(mutex_);
  auto& made = topics_[std::string(topic)];
  made.resize(std::max<std::size_t>(made.size(), partitions));
}

std::uint64_t MemoryLog::append(std::string_view topic, std::uint32_t partition, std::string record) {
  const std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  if (found == topics_.end()) found = topics_.emplace(topic, std::vector<Partition>()).first;
  auto& partitions = found->second;
  if (partitions.size() <= partition) partitions.resize(partition + 1);
  partitions[partition].push_back(std::move(record));
  return partitions[partition].size() - 1;
}

std::uint32_t MemoryLog::partitions(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() ? 0 : static_cast<std::uint32_t>(found->second.size());
}

std::uint64_t MemoryLog::records(std::string_view topic, std::uint32_t partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() || partition >= found->second.size() ? 0 : found->second[partition].size();
}

std::vector<std::string> MemoryLog::content(std::string_view topic, std::uint32_t partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() || partition >= found->second.size() ? Partition() : found->second[partition];
}

std::unique_ptr<Source> MemoryLog::source(bool endless) const { return std::make_unique<MemorySource>(*this, endless); }

std::unique_ptr<Sink> MemoryLog::sink(std::vector<std::string> topics) {
  return std::make_unique<MemorySink>(*this, std::move(topics));
}

}  // namespace nudge::connectors
