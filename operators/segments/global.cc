#include "operators/segments/global.h"

#include <algorithm>
#include <deque>

#include "engine/check.h"
#include "operators/segments/learner.h"
#include "operators/segments/partial.h"

namespace nudge::segments {
namespace {

class GlobalSegments final : public GlobalOperator {
 public:
  explicit GlobalSegments(Settings settings) : settings_(std::move(settings)) {
    for (const Segmentation& segmentation : settings_.all) learners_.emplace_back(segmentation);
  }

  void merge(std::string_view bytes) override {
    Decoder in(bytes);
    for (std::size_t left = in.count(); left > 0; --left) {
      Partial partial;
      NUDGE_CHECK(partial.decode(in), "a partial as a task wrote it");
      for (SegmentLearner& learner : learners_) learner.merge(partial);
    }
  }

  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    // Orders are linked with products as they are at the epoch's end.
    for (SegmentLearner& learner : learners_)
      if (learner.segmentation().linked_products.empty()) learner.learn(epoch_end, last, context);
    for (SegmentLearner& learner : learners_)
      if (const std::string& name = learner.segmentation().linked_products; !name.empty())
        learner.learn(epoch_end, last, context, &named(name));
  }

  void conclude(std::string_view from_task) override {
    Decoder in(from_task);
    for (std::size_t left = in.count(5); left > 0; --left) {
      const std::uint32_t id = in.fixed32();
      Tally tally;
      NUDGE_CHECK(tally.decode(in), "a conclusion as a task wrote it");
      for (SegmentLearner& learner : learners_)
        if (learner.segmentation().id == id) learner.conclude(tally);
    }
  }

  void finish(Millis end, GlobalContext& context) override {
    for (SegmentLearner& learner : learners_) learner.finish(end, context);
  }

  void encode(Encoder& out) const override {
    out.varint(learners_.size());
    for (const SegmentLearner& learner : learners_) {
      std::string bytes;
      Encoder own(bytes);
      learner.encode(own);
      out.fixed32(learner.segmentation().id);
      out.text(bytes);
    }
  }

  void decode(Decoder& in) override {
    for (std::size_t left = in.count(5); left > 0; --left) {
      const std::uint32_t id = in.fixed32();
      Decoder own(in.text());
      for (SegmentLearner& learner : learners_)
        if (learner.segmentation().id == id && !learner.decode(own)) in.fail();
    }
  }

 private:
  const SegmentLearner& named(std::string_view name) const {
    const auto found = std::find_if(learners_.begin(), learners_.end(),
                                    [&](const SegmentLearner& each) { return each.segmentation().name == name; });
    NUDGE_CHECK(found != learners_.end(), "the configuration is checked");
    return *found;
  }

  Settings settings_;
  std::deque<SegmentLearner> learners_;
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(Settings settings) {
  return std::make_unique<GlobalSegments>(std::move(settings));
}

}  // namespace nudge::segments
