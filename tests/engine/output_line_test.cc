// What a sink learns of a line: whose it is, and whether it removes.
#include <gtest/gtest.h>

#include "engine/output.h"

namespace nudge {
namespace {

TEST(OutputLine, TheKeyIsFoundAsItWasGiven) {
  for (const std::string key : {"c1", "", "list|c 1", "a\"b\\c", "tab\there", "ü|漢", "ends in \\"}) {
    Outputs outputs;
    JsonWriter json = outputs.begin(output::kRfm, key, 0);
    json.member("removed", true);
    outputs.end(json, output::kRfm);
    outputs.remove(output::kRfm, key);
    const std::string lines = outputs.lines(output::kRfm);
    const std::size_t end = lines.find('\n');
    std::string buffer;
    const OutputLine record = parse_output_line(std::string_view(lines).substr(0, end), buffer);
    EXPECT_EQ(record.key, key);
    EXPECT_FALSE(record.removes) << "a record with a member of that name is a record";
    const OutputLine removal =
        parse_output_line(std::string_view(lines).substr(end + 1, lines.size() - end - 2), buffer);
    EXPECT_EQ(removal.key, key);
    EXPECT_TRUE(removal.removes);
  }
}

}  // namespace
}  // namespace nudge
