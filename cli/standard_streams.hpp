#pragma once

namespace ship {

/// Gives every standard stream that was closed at start a descriptor that refuses reading or
/// writing, so that no file opened later takes its number and gets our output. Call it first of
/// all.
void keep_standard_streams_taken();

}  // namespace ship
