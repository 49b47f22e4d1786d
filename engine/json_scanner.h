// Reads the tokens of one JSON text strictly, from left to right, in place: RFC 8259, in valid UTF-8, without lone
// surrogates, nested at most kDepthMax deep, numbers within kIntegerDigitsMax and kExponentMax.
//
// Every reading function takes the position where its token begins (no white space before it) and returns the position
// behind it, or null after a failure. The text ends in '}', so no token but a string can run past its end; positions
// that are passed in lie before the end. Bytes behind the end are read (kInputPadding) but never matter.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "engine/decode.h"

namespace nudge {

class JsonScanner {
 public:
  // Longer integers and exponents are refused, as they are by Python's int and Decimal, which others check with.
  static constexpr std::size_t kIntegerDigitsMax = 4300;
  static constexpr std::int64_t kExponentMax = 999'999'999'999'999'999;

  struct Failure {
    std::string_view error_class;  // empty: none
    const char* what = "";
    const char* at = nullptr;
  };
  struct Number {
    std::string_view token;
    bool integer = false;  // neither a fraction nor an exponent
  };

  // `arena` has room for `text.size()` bytes and kInputPadding more; strings with escapes are written there.
  void begin(std::string_view text, char* arena) {
    begin_ = text.data();
    end_ = text.data() + text.size();
    arena_ = arena;
    non_ascii_ = kAllBytes;
    failure_ = {};
  }
  const char* end() const { return end_; }
  const Failure& failure() const { return failure_; }

  static const char* space(const char* at) {
    while (static_cast<unsigned char>(*at) <= ' ' && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) ++at;
    return at;
  }

  // `at` is behind the opening quote. The value lies in the text or, unescaped, in the arena.
  const char* string(const char* at, std::string_view& value) {
    const char* const close = special(at);
    if (close != nullptr && *close == '"' && close < end_) [[likely]] {
      value = {at, static_cast<std::size_t>(close - at)};
      return close + 1;
    }
    return string_in_parts(at, value);
  }

  const char* number(const char* at, Number& number) {
    const char* const begin = at;
    at += *at == '-' ? 1 : 0;
    if (*at == '0') {
      ++at;
    } else {
      if (!is_digit(*at)) return fail("json", "expected a value", at);
      at = digits(at);
    }
    number.integer = *at != '.' && (*at | 0x20) != 'e';
    if (!number.integer) {
      at = fraction_and_exponent(begin, at);
      if (at == nullptr) return nullptr;
    } else if (static_cast<std::size_t>(at - begin) > kIntegerDigitsMax + (*begin == '-' ? 1 : 0)) {
      return fail("json", "an integer has too many digits", begin);
    }
    number.token = {begin, static_cast<std::size_t>(at - begin)};
    return at;
  }

  // `true`, `false` or `null`, whichever `word` is.
  const char* literal(const char* at, std::string_view word) {
    if (std::memcmp(at, word.data(), word.size()) != 0) return fail("json", "expected a value", at);
    return at + word.size();
  }

  // Any value, `depth` containers deep. Appends its text without white space at `kept` and moves that.
  const char* any(const char* at, int depth, char*& kept);

  // After an object or array inside the record has been closed.
  const char* inside(const char* at) { return at < end_ ? at : fail("json", "ends too early", at); }

  [[gnu::cold]] const char* fail(std::string_view error_class, const char* what, const char* at);

 private:
  static constexpr unsigned kBlock = 16, kAllBytes = 0xffff;

  static bool is_digit(char character) { return static_cast<unsigned char>(character - '0') <= 9; }
  static const char* digits(const char* at) {
    while (is_digit(*at)) ++at;
    return at;
  }

  // The first byte of a block of kBlock that ends a plain run of a string: a quote, a backslash, a control character
  // or, until the text is known to be UTF-8, a byte beyond ASCII. Null: none.
  const char* special(const char* at) const {
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const auto found =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls)));
    const unsigned ends = found | (static_cast<unsigned>(_mm_movemask_epi8(bytes)) & non_ascii_);
    return ends == 0 ? nullptr : at + std::countr_zero(ends);
#else
    for (const char* const block_end = at + kBlock; at < block_end; ++at) {
      const auto byte = static_cast<unsigned char>(*at);
      if (byte == '"' || byte == '\\' || byte < 0x20 || (byte >= 0x80 && non_ascii_ != 0)) return at;
    }
    return nullptr;
#endif
  }

  const char* string_in_parts(const char* at, std::string_view& value);
  const char* escape(const char* at);
  const char* fraction_and_exponent(const char* begin, const char* at);
  const char* object(const char* at, int depth, char*& kept);
  const char* array(const char* at, int depth, char*& kept);
  bool is_utf8();

  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  char* arena_ = nullptr;
  unsigned non_ascii_ = kAllBytes;  // the bytes of a block that count as special beyond ASCII; 0 once known as UTF-8
  Failure failure_;
};

}  // namespace nudge
