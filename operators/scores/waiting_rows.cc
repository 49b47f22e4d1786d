#include "operators/scores/waiting_rows.h"

#include <algorithm>
#include <bit>

namespace nudge::scores {
namespace {

// A row whose session never ended (its events went to another customer) is given up after this.
constexpr Millis kOpenSessionMax = 7 * kDay;
// Times of labels are tidied when there are this many; events, which ask SQL, then and whenever they have doubled.
constexpr std::size_t kTidyTimes = 32, kTidyEvents = 16;

bool waits_before(Millis time, const CustomerContext& context) {
  const auto* section = context.peek<ScoresSection>();
  return section && std::any_of(section->rows.begin(), section->rows.end(),
                                [time](const PendingRow& row) { return row.at < time; });
}

}  // namespace

WaitingRows::WaitingRows(const Targets& targets, const std::vector<std::uint64_t>& schemas)
    : targets_(targets), buffers_(targets.all.size()) {
  for (std::size_t place = 0; place < targets_.all.size(); ++place) {
    // A changed configuration may need other fields of the trigger than those that a row has.
    const LabelDefinition& label = targets_.labels[targets_.all[place].label];
    schemas_.push_back(static_cast<std::uint32_t>(schemas[place]) ^ (label.trigger ? label.id : 0));
  }
  for (const LabelDefinition& label : targets_.labels) matchers_.emplace_back(label);
}

// ---- events that labels look at ------------------------------------------------------------------

void WaitingRows::apply(const Event& event, CustomerContext& context) {
  for (std::size_t label = 0; label < matchers_.size(); ++label) {
    // Scores to come are not before the watermark, and look at later events only.
    if (matchers_[label].topic() != event.topic()) continue;
    if (event.time() <= context.watermark() && !waits_before(event.time(), context)) continue;
    matchers_[label].needs_trigger() ? add_event(label, event, context) : add_time(label, event, context);
  }
}

void WaitingRows::add_time(std::size_t label, const Event& event, CustomerContext& context) {
  if (!matchers_[label].matches(event)) return;
  ScoresSection& section = context.section<ScoresSection>();
  LabelTimes& times = section.times(targets_.labels[label].id);
  if (times.size() >= kTidyTimes) tidy(section, context.watermark());
  if (!times.add(event.time())) context.count("label_times_dropped");
}

void WaitingRows::add_event(std::size_t label, const Event& event, CustomerContext& context) {
  ScoresSection& section = context.section<ScoresSection>();
  LabelEvents& events = section.events(targets_.labels[label].id);
  if (events.size() >= kTidyEvents && std::has_single_bit(events.size())) tidy_events(section, context.watermark());
  fields_.clear();
  matchers_[label].append_event(event, fields_);
  if (!events.add(event.time(), fields_)) context.count("label_events_dropped");
}

void WaitingRows::retract(const Event& event, CustomerContext& context) {
  for (std::size_t label = 0; label < matchers_.size(); ++label) {
    EventMatcher& matcher = matchers_[label];
    if (matcher.topic() != event.topic()) continue;
    const auto* section = context.peek<ScoresSection>();
    const std::uint32_t id = targets_.labels[label].id;
    if (matcher.needs_trigger()) {
      const LabelEvents* events = section ? section->find_events(id) : nullptr;
      if (!events || events->empty()) continue;
      fields_.clear();
      matcher.append_event(event, fields_);
      context.section<ScoresSection>().events(id).remove(event.time(), fields_);
    } else {
      const LabelTimes* times = section ? section->find_times(id) : nullptr;
      if (!times || times->empty() || !matcher.matches(event)) continue;
      context.section<ScoresSection>().times(id).remove(event.time());
    }
  }
}

void WaitingRows::tidy(ScoresSection& section, Millis watermark) {
  Millis oldest = watermark;
  for (const PendingRow& row : section.rows) oldest = std::min(oldest, row.at);
  for (ScoresSection::Label& label : section.labels) label.times.forget(oldest);
  tidy_events(section, watermark);
}

void WaitingRows::tidy_events(ScoresSection& section, Millis watermark) {
  if (!section.seldom) return;
  for (ScoresSection::EventLabel& kept : section.seldom->labels) {
    const auto label = std::find_if(targets_.labels.begin(), targets_.labels.end(),
                                    [&](const LabelDefinition& each) { return each.id == kept.id; });
    const auto place = static_cast<std::size_t>(label - targets_.labels.begin());
    kept.events.keep([&](Millis time, std::string_view fields) {
      return label != targets_.labels.end() && (time > watermark || is_looked_at(place, time, fields, section));
    });
  }
}

bool WaitingRows::is_looked_at(std::size_t label, Millis time, std::string_view fields, const ScoresSection& section) {
  return std::any_of(section.rows.begin(), section.rows.end(), [&](const PendingRow& row) {
    const Target* target = target_of(row);
    if (!target || target->label != label || time <= target->window_begin(row.at)) return false;
    if (row.schema != schemas_[place_of(*target)]) return false;
    // A session may turn out to end later than was said before.
    if (!target->within_session && time > row.until) return false;
    return matchers_[label].holds(fields, row.trigger());
  });
}

// ---- rows ---------------------------------------------------------------------------------------------

const Target* WaitingRows::target_of(const PendingRow& row) const {
  for (const Target& target : targets_.all)
    if (target.id == row.target) return &target;
  return nullptr;
}

void WaitingRows::keep(std::size_t place, PendingRow row, CustomerContext& context) {
  const Target& target = targets_.all[place];
  ScoresSection& section = context.section<ScoresSection>();
  row.target = target.id;
  row.schema = schemas_[place];
  row.until = targets_.window(target, row.at).until;
  if (section.rows_bytes() + row.bytes() > ScoresSection::kRowsBytesMax) {
    give_up_lost_sessions(section, context);
    if (section.rows_bytes() + row.bytes() > ScoresSection::kRowsBytesMax) return context.count("rows_dropped");
  }
  const Millis due = row.until == kNever ? kNever : row.until + target.label_delay;
  section.rows.push_back(std::move(row));
  if (due < section.armed) context.arm(section.armed = due);
}

void WaitingRows::give_up_lost_sessions(ScoresSection& section, CustomerContext& context) {
  const std::size_t lost = erase_if(section.rows, [&](const PendingRow& row) {
    return row.until == kNever && row.at < context.watermark() - kOpenSessionMax;
  });
  if (lost > 0) context.count("rows_of_lost_sessions", lost);
}

void WaitingRows::close_sessions(const std::vector<SessionEnded>& ended, CustomerContext& context) {
  const auto* seen = context.peek<ScoresSection>();
  if (!seen) return;
  // A session may turn out to end later than was said before.
  const auto ends = [&](const PendingRow& row) {
    const Target* target = target_of(row);
    return std::find_if(ended.begin(), ended.end(), [&](const SessionEnded& end) {
      return target && target->within_session && end.session == row.session;
    });
  };
  const auto is_ended = [&](const PendingRow& row) { return ends(row) != ended.end(); };
  if (std::none_of(seen->rows.begin(), seen->rows.end(), is_ended)) return;
  ScoresSection& section = context.section<ScoresSection>();
  for (PendingRow& row : section.rows)
    if (const auto end = ends(row); end != ended.end()) row.until = std::max(row.at, end->until);
  give_up_lost_sessions(section, context);
  mature(section, context);
}

void WaitingRows::mature(ScoresSection& section, CustomerContext& context) {
  Millis next = kNever;
  std::size_t left = 0, learnt = 0, strange = 0;
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    PendingRow& row = section.rows[i];
    const Target* target = target_of(row);
    if (!target) continue;
    const Millis due = row.until == kNever ? kNever : row.until + target->label_delay;
    if (due <= context.watermark()) {
      learn(row, *target, due, section, context) ? ++learnt : ++strange;
      continue;
    }
    next = std::min(next, due);
    if (left != i) section.rows[left] = std::move(row);
    ++left;
  }
  section.rows.resize(left);
  if (learnt > 0) context.count("rows_matured", learnt);
  if (strange > 0) context.count("rows_of_other_features", strange);
  tidy(section, context.watermark());
  if (next != section.armed) context.arm(section.armed = next);
}

// False where the row was made for other features or another label than today's.
bool WaitingRows::learn(const PendingRow& row, const Target& target, Millis due, const ScoresSection& section,
                        CustomerContext& context) {
  const std::size_t place = place_of(target);
  if (row.schema != schemas_[place]) return false;
  const MatureRow mature = {.mature_at = due,
                            .scored_at = row.at,
                            .customer = context.customer_id(),
                            .score_id = row.score_id,
                            .shift = row.shift,
                            .label = is_met(row, target, section) != target.none,
                            .probability_micro = row.probability_micro,
                            .features = row.features()};
  buffers_[place].add(mature, target.rows_per_epoch_max);
  context.signals().of<LabelKnown>().push_back({target.name, mature.label});
  return true;
}

// Whether an event came that the label counts.
bool WaitingRows::is_met(const PendingRow& row, const Target& target, const ScoresSection& section) {
  const LabelDefinition& label = targets_.labels[target.label];
  const Window window = {target.window_begin(row.at), row.until};
  if (!label.trigger) {
    const LabelTimes* times = section.find_times(label.id);
    return times && times->any(window.after, window.until);
  }
  const LabelEvents* events = section.find_events(label.id);
  EventMatcher& matcher = matchers_[target.label];
  return events && events->any(window, [&](std::string_view fields) { return matcher.holds(fields, row.trigger()); });
}

}  // namespace nudge::scores
