// What the machine itself can do: one thread writes records into a ring, another reads them, both spinning.
// spsc_ring CASE ITEMS [BYTES]; prints {"count", "sum", "seconds"}.
//   one      8-byte numbers, each published by itself
//   batched  8-byte numbers, published 64 at a time
//   bytes    records of BYTES copied in and copied out into one buffer; the first 8 bytes hold the number
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

// Each side keeps a private copy of the other's position, so that the shared line moves only when the copy runs out.
class Ring {
 public:
  explicit Ring(size_t capacity) : mask_(capacity - 1), data_(capacity) {}

  void reserve(size_t bytes) {
    while (written_ + bytes - seen_read_ > data_.size()) seen_read_ = read_.load(std::memory_order_acquire);
  }
  uint8_t* at(uint64_t position) { return data_.data() + (position & mask_); }
  uint64_t written() const { return written_; }
  void advance(size_t bytes) { written_ += bytes; }
  void publish() { write_.store(written_, std::memory_order_release); }

  uint64_t available(uint64_t taken) {
    if (seen_write_ == taken) seen_write_ = write_.load(std::memory_order_acquire);
    return seen_write_ - taken;
  }
  void release(uint64_t taken) { read_.store(taken, std::memory_order_release); }

 private:
  const uint64_t mask_;
  std::vector<uint8_t> data_;
  alignas(128) std::atomic<uint64_t> write_{0};
  uint64_t written_ = 0;
  uint64_t seen_read_ = 0;
  alignas(128) std::atomic<uint64_t> read_{0};
  uint64_t seen_write_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string kase = argv[1];
  const uint64_t items = std::strtoull(argv[2], nullptr, 10);
  const size_t bytes = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 8;
  size_t capacity = 1 << 20;
  while (capacity < bytes * 4) capacity *= 2;
  Ring ring(capacity);
  const uint64_t publish_every = kase == "batched" ? 64 : 1;

  const auto started = std::chrono::steady_clock::now();
  std::thread producer([&] {
    std::vector<uint8_t> item(bytes, 7);
    for (uint64_t i = 0; i < items; i++) {
      ring.reserve(bytes);
      std::memcpy(item.data(), &i, 8);
      std::memcpy(ring.at(ring.written()), item.data(), bytes);
      ring.advance(bytes);
      if ((i + 1) % publish_every == 0) ring.publish();
    }
    ring.publish();
  });

  std::vector<uint8_t> out(bytes);
  uint64_t taken = 0, count = 0;
  double sum = 0;
  while (count < items) {
    uint64_t there = ring.available(taken);
    for (; there >= bytes; there -= bytes) {
      std::memcpy(out.data(), ring.at(taken), bytes);
      uint64_t number;
      std::memcpy(&number, out.data(), 8);
      if (number != count) {
        std::fprintf(stderr, "%llu arrived where %llu was due\n", (unsigned long long)number, (unsigned long long)count);
        return 1;
      }
      count++;
      sum += static_cast<double>(number);
      taken += bytes;
      if (kase != "batched") ring.release(taken);
    }
    ring.release(taken);
  }
  producer.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("{\"count\": %llu, \"sum\": %.0f, \"seconds\": %.9f}", (unsigned long long)count, sum, seconds);
}
