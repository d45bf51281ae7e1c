"""Bugs in what seals a log file and in what verifies it that the tests must notice. See run.py."""

TARGET = "ship_tests"

TESTS = "[seal]"
SEAL = "src/seal/"
SINK = "src/sinks/file/file_seal.cpp"
WORKER = "src/delivery/worker.cpp"
ANCHORED = "lane: what a sink has to say*"

MUTATIONS = [
    # What a block covers
    (SEAL + "seal_block.cpp", "sha256_.update(bytes);", "if (bytes.size() > 1) sha256_.update(bytes);", TESTS),
    (SEAL + "seal_block.cpp", "for (; bytes.size() > kHotBytes; bytes.remove_prefix(kHotBytes)) {", "for (; bytes.size() > kHotBytes; bytes.remove_prefix(kHotBytes - 1)) {", TESTS),
    (SEAL + "seal_block.cpp", "if (in_line_) end_line();", "", TESTS),
    (SEAL + "seal_block.cpp", "      ++records_;", "", TESTS),
    (SEAL + "seal_block.cpp", "  offset_ += bytes_;\n", "", TESTS),
    (SEAL + "seal_block.cpp", "if (bytes_ > 0) sha256_.finish();", "", TESTS),
    # What is written, and when it is signed
    (SINK, "if (take_losses_) entry.lost = seal_losses(take_losses_());", "", TESTS),
    (SINK, "if (count > 0) result.emplace_back", "result.emplace_back", TESTS),
    (SINK, "++unsigned_blocks_ >= kMaxUnsignedBlocks", "++unsigned_blocks_ > kMaxUnsignedBlocks + 1", TESTS),
    (SINK, "  unsigned_blocks_ = 0;\n  if (ended_", "  if (ended_", TESTS),
    (SINK, "place_->prev = seal_line_hash(line);", "if (sign) place_->prev = seal_line_hash(line);", TESTS),
    (SINK, "place_->record += entry.records;", "place_->record += 1;", TESTS),
    (SINK, "pending_.erase(0, written.value());", "pending_.clear();", TESTS),
    # A run that goes on
    (SINK, "if (status.value().size > whole) {", "if (false) {", TESTS),
    (SINK, "tail.value()->last.next_record(), tail.value()->last_hash};", "tail.value()->last.record, tail.value()->last_hash};", TESTS),
    (SINK, "tail.value()->first.file + 1,", "tail.value()->first.file,", TESTS),
    (SINK, "if (size < tail.sealed || (size > tail.sealed && ended)) {", "if (size < tail.sealed) {", TESTS),
    (SINK, "if (size < tail.sealed || (size > tail.sealed && ended)) {", "if (size > tail.sealed && ended) {", TESTS),
    (SINK, "if (ended || new_to_this_run || size > tail.sealed) append_open", "if (ended || size > tail.sealed) append_open", TESTS),
    (SINK, "if (ended || new_to_this_run || size > tail.sealed) append_open", "append_open", TESTS),
    (SINK, "return take_up(tail.sealed, size, \"restart\");", "return {};", TESTS),
    (SINK, "return files_.rename_new(path_, seal_path(logs.back()));", "return {};", TESTS),
    (SINK, "return read_range(from, size, {});", "return {};", TESTS),
    (SINK, "if (logs.empty() || (!seals.empty() && seals.back() >= logs.back())) return {};", "if (logs.empty()) return {};", TESTS),
    # The seal's own lines
    (SEAL + "seal_entry.cpp", "if (good && is_as_written(line, entry)) return entry;", "if (good) return entry;", TESTS),
    (SEAL + "seal_entry.cpp", "return line.substr(0, line.rfind(kSignature));", "return line.substr(0, line.find(\",\\\"prev\\\"\"));", TESTS),
    (SEAL + "seal_file.cpp", "if (entry.prev != seal_.last_hash) {", "if (entry.prev != seal_.last_hash && entry.key.empty()) {", TESTS),
    (SEAL + "seal_file.cpp", "return fail(\"the beginning of the seal is missing\");", "return true;", TESTS),
    (SEAL + "seal_file.cpp", "return entry.kind == SealEntry::Kind::block || fail(", "return true || fail(", TESTS),
    (SEAL + "seal_file.cpp", "return key->verify(signed_part(line), entry.signature) || fail(", "return true || fail(", TESTS),
    (SEAL + "seal_file.cpp", "if (++unsigned_blocks_ > kMaxUnsignedBlocks) {", "if (false) {", TESTS),
    (SEAL + "seal_file.cpp", "      unsigned_blocks_ = 0;\n", "", TESTS),
    (SEAL + "seal_file.cpp", "entry.record == last.next_record() && last.kind != SealEntry::Kind::manifest;", "entry.record == last.next_record();", TESTS),
    (SEAL + "seal_file.cpp", "entry.before == first.prev &&", "", TESTS),
    (SEAL + "seal_file.cpp", "entry.bytes == last.end();", "true;", TESTS),
    # The log beside it
    (SEAL + "seal_verifier.cpp", "if (left == 0 && hex_text", "if (hex_text", TESTS),
    (SEAL + "seal_verifier.cpp", "hex_text(sha256.finish()) == entry.sha256) return true;", "(hex_text(sha256.finish()), true)) return true;", TESTS),
    (SEAL + "seal_verifier.cpp", "if (entry.offset > log.at()) {", "if (false) {", TESTS),
    (SEAL + "seal_verifier.cpp", "if (entry.offset < log.at()) {", "if (false) {", TESTS),
    (SEAL + "seal_verifier.cpp", "if (entry.found == \"before\" && report.seal.first().file > 1) {", "if (false) {", TESTS),
    (SEAL + "seal_verifier.cpp", "if (bytes > 0 && seal.ended() && !seal.fault) {", "if (false) {", TESTS),
    (SEAL + "seal_verifier.cpp", "if (!report.fault || !moves || looks == kLooks) return report;", "return report;", TESTS),
    (SEAL + "seal_place.cpp", "if (shifted && distance < came_from - at)", "if (false)", TESTS),
    (SEAL + "seal_place.cpp", "if (came_early) return {lines_were(came_from - at, \"removed\"), at};", "", TESTS),
    (SEAL + "seal_place.cpp", "if (at >= found.size()) return {\"the file was cut here\", at};", "if (at >= found.size()) return {\"the file was cut here\", 0};", TESTS),
    # From file to file, and against an anchor
    (SEAL + "seal_chain.cpp", "} else if (first.file > number + 1) {", "} else if (false) {", TESTS),
    (SEAL + "seal_chain.cpp", "} else if (!before.seal.ended()) {", "} else if (false) {", TESTS),
    (SEAL + "seal_chain.cpp", "} else if (first.prev != before.seal.last_hash ||", "} else if (", TESTS),
    (SEAL + "seal_chain.cpp", "if (must_be_anchored && !anchored_)", "if (false)", TESTS),
    (SEAL + "seal_chain.cpp", "if (anchor.file < files_.front()->seal.first().file || find(anchor.root, \"an anchor\")) return;", "find(anchor.root, \"an anchor\"); if (anchor.file <= files_.back()->seal.first().file) return;", TESTS),
    (SEAL + "seal_chain.cpp", "if (!known) unknown.push_back(head);", "", TESTS),
    (SEAL + "seal_pair.cpp", "if (path > found && !is_there(files, seal)) found = path;", "if (path > found) found = path;", TESTS),
    (SEAL + "seal_pair.cpp", "is_rotating(files, before + std::string(kSealEnding))) {", "true) {", TESTS),
    (SEAL + "seal_anchor.cpp", "return parse_record_id(text).value_or(RecordId());", "return {};", TESTS),
    (WORKER, "    record.id = note.id;\n", "", ANCHORED),
    (WORKER, "if (anchor != nullptr && at_end) anchor->submit_diverted({&record, 1});", "", ANCHORED),
    (WORKER, "    record.level = kAudit;\n", "", ANCHORED),
]
