// Decodes records from stdin and says of each what it is: for comparing with another decoder (compare_decode.py).
//
// In: `topic size`, a line feed, `size` bytes, a line feed; again and again.
// Out: one line each, `ok` and the event as canonical JSON, or `bad`, the error class and the message.
#include <iostream>
#include <string>

#include "engine/check.h"
#include "engine/decode.h"
#include "engine/event_json.h"

int main() {
  using namespace nudge;
  std::ios::sync_with_stdio(false);
  RecordDecoder decoder;
  std::string name, record, event, answer;
  for (std::size_t size = 0; std::cin >> name >> size;) {
    std::cin.get();
    // What lies behind a record must not matter: here, what would complete many a broken one.
    record.assign(size + kInputPadding, '}');
    std::cin.read(record.data(), static_cast<std::streamsize>(size));
    const auto topic = topic_named(name);
    NUDGE_CHECK(topic && std::cin, "stdin is malformed");
    event.clear();
    BadRecord bad;
    if (decoder.decode(*topic, std::string_view(record).substr(0, size), event, bad)) {
      answer = "ok ";
      append_event_json(Event(event), answer);
      std::string canonical = answer.substr(3), again;
      const std::size_t canonical_size = canonical.size();
      canonical.append(kInputPadding, '"');
      const bool same = decoder.decode(*topic, std::string_view(canonical).substr(0, canonical_size), again, bad);
      NUDGE_CHECK(same && again == event, "the canonical JSON decodes to other bytes");
    } else {
      answer.assign("bad ").append(bad.error_class).append(" ").append(bad.message);
    }
    std::cout << answer << '\n';
  }
}
