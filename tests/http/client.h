// A client on a plain socket, which can be as slow, rude or silent as a test needs.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace nudge::connectors::http {

struct Answer {
  int status = 0;  // 0: the connection ended without one
  std::map<std::string, std::string> fields;
  std::string body;
};

class Client {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit Client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Client(Client&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_), bytes_(other.bytes_) {}
  Client& operator=(Client&&) = delete;

  bool connected() const { return connected_; }

  // False once the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool ask(std::string_view method, std::string_view path, std::string_view more = "") {
    return send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
                "\r\n");
  }

  // Up to the end of the body; of the response to HEAD, `with_body` is false.
  Answer read(bool with_body = true) {
    Answer answer;
    std::size_t end;
    while ((end = bytes_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return answer;
    parse(bytes_.substr(0, end + 2), answer);
    bytes_.erase(0, end + 4);
    const std::size_t size = with_body ? std::stoul(answer.fields["content-length"]) : 0;
    while (bytes_.size() < size)
      if (!more()) return {};
    answer.body = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return answer;
  }
  // Whether the server closes the connection within `wait`; what it sends before is dropped.
  bool ends_within(Milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    while (std::chrono::steady_clock::now() < until) {
      pollfd ready{descriptor_, POLLIN, 0};
      if (::poll(&ready, 1, 20) > 0 && !more()) return true;
    }
    return false;
  }

 private:
  bool more() {
    char part[16 << 10];
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, 30'000) <= 0) return false;
    const ssize_t size = ::recv(descriptor_, part, sizeof part, 0);
    if (size <= 0) return false;
    bytes_.append(part, static_cast<std::size_t>(size));
    return true;
  }

  static void parse(const std::string& head, Answer& answer) {
    answer.status = std::stoi(head.substr(head.find(' ') + 1, 3));
    for (std::size_t from = head.find("\r\n") + 2; from < head.size();) {
      const std::size_t end = head.find("\r\n", from), colon = head.find(':', from);
      std::string name = head.substr(from, colon - from);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.fields[name] = head.substr(colon + 2, end - colon - 2);
      from = end + 2;
    }
  }

  int descriptor_;
  bool connected_ = false;
  std::string bytes_;
};

inline Answer get(std::uint16_t port, std::string_view path) {
  Client client(port);
  client.ask("GET", path);
  return client.read();
}

}  // namespace nudge::connectors::http
