/**
 * The words that scripts show, as the page hands them over (made by server/web/words.py).
 *
 * Braces are places to fill, e.g. "Sent {percent}%". English in the comments is the meaning.
 */

const ONE_OR_MORE = /\{(\w+)\|([^|}]*)\|([^}]*)\}/g;

/** Replaces every `{name}` in `text` by `values.name`, `{name|one|more}` by the word that fits. */
export function fill(text: string, values: Record<string, string | number>): string {
  const fitting = (_all: string, name: string, one: string, more: string) =>
    Number(values[name]) === 1 ? one : more;
  const worded = text.replace(ONE_OR_MORE, fitting);
  return worded.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Words in the `words` of `data-player`. */
export interface PlayerWords {
  /** "Play" */
  play: string;
  /** "Pause" */
  pause: string;
  /** "Mute" */
  mute: string;
  /** "Unmute" */
  unmute: string;
  /** "Volume" */
  volume: string;
  /** "Seek" (the time bar) */
  seek: string;
  /** "{position} of {duration}" (read aloud by the time bar) */
  position: string;
  /** "Back 10 seconds" */
  back: string;
  /** "Forward 10 seconds" */
  forward: string;
  /** "Full screen" */
  fullscreen: string;
  /** "Leave full screen" */
  leave_fullscreen: string;
  /** "Picture in picture" */
  picture_in_picture: string;
  /** "Leave picture in picture" */
  leave_picture_in_picture: string;
  /** "Settings" (button that opens the menu) */
  settings: string;
  /** "Quality" (heading of the menu's first group) */
  quality: string;
  /** "Automatic" */
  quality_auto: string;
  /** "Automatic ({height}p now)" */
  quality_auto_now: string;
  /** "{height}p ({mb} MB per minute)" */
  quality_choice: string;
  /** "Data saver ({mb} MB per minute)" — ประหยัดเน็ต (นาทีละ 1 MB) */
  data_saver: string;
  /** "Sound only ({mb} MB per minute)" — ฟังอย่างเดียว (นาทีละ 0.3 MB) */
  sound_only: string;
  /** "Speed" */
  speed: string;
  /** "Normal" (speed 1) */
  speed_normal: string;
  /** "{rate}×" */
  speed_choice: string;
  /** "Captions" */
  captions: string;
  /** "Off" (no captions) */
  captions_off: string;
  /** "Size of captions" */
  caption_size: string;
  /** "Small" */
  caption_size_small: string;
  /** "Normal" (size) */
  caption_size_normal: string;
  /** "Large" */
  caption_size_large: string;
  /** "Chapters" */
  chapters: string;
  /** "Keys" (list of what keys do) */
  keys: string;
  /** "Play or pause" */
  key_play: string;
  /** "Back or forward 10 seconds" */
  key_ten_seconds: string;
  /** "Back or forward 5 seconds" */
  key_five_seconds: string;
  /** "Forward or back 1 minute" */
  key_minute: string;
  /** "Go to a place in the lesson (5 is the middle)" */
  key_tenths: string;
  /** "{count} seconds" (read aloud by the time bar) */
  seconds: string;
  /** "{minutes} minutes {seconds} seconds" */
  minutes_seconds: string;
  /** "Loading" */
  loading: string;
  /** "Going on from {time}" (shown for a moment) */
  resumed: string;
  /** "The first {time} can be watched; the rest is being prepared" */
  growing: string;
  /** "That far is not prepared yet. Going on from {time}" (after a seek beyond the available end) */
  not_yet: string;
  /** "Reached what is prepared so far. Goes on by itself when there is more" */
  waiting_for_more: string;
  /** "The connection is gone. Playback goes on by itself when it is back" */
  offline: string;
  /** "The connection is slow. Still trying" */
  slow: string;
  /** "This lesson may no longer be watched here. Open the lesson's page" (rights were withdrawn) */
  not_allowed: string;
  /** "The video cannot be played in this browser. Try another browser" */
  unplayable: string;
  /** "Nothing to watch yet. The video is being prepared {percent}%" */
  preparing: string;
  /** "Try again" (button) */
  retry: string;
  /** "Open the lesson's page" (link under embeds and messages) */
  open_lesson: string;
}

/** Words in the `words` of `data-uploader`. */
export interface UploadWords {
  /** "Drop files here, or choose them" */
  drop_here: string;
  /** "Choose files" (button) */
  choose: string;
  /** "Reading the file" (before sending: finding out whether it is known) */
  reading: string;
  /** "Waiting for the file before it" */
  queued: string;
  /** "Sending {percent}%" */
  sending: string;
  /** "{sent} of {total}" (sizes with unit) */
  sent_of: string;
  /** "About {time} left" (time is one of `seconds`, `minutes`, `hours`) */
  time_left: string;
  /** "{count} seconds" */
  seconds: string;
  /** "{count} minutes" */
  minutes: string;
  /** "{hours} hours {minutes} minutes" */
  hours: string;
  /** "Data used {size}" */
  data_used: string;
  /** "Pause" — พักไว้ก่อน */
  pause: string;
  /** "Go on" (after pause) */
  resume: string;
  /** "Cancel and delete what was sent" — ยกเลิกและลบส่วนที่ส่งแล้ว */
  cancel: string;
  /** "Cancelled. What was sent has been deleted" */
  cancelled: string;
  /** "Paused at {percent}%. What was sent is kept" */
  paused: string;
  /** "The connection is gone. {percent}% was sent and is kept; goes on by itself when it is back" */
  offline: string;
  /** "The server does not answer. {percent}% was sent and is kept; trying again by itself" */
  server_away: string;
  /** "All sent" */
  done: string;
  /** "Make it a lesson" (link after the end) */
  make_lesson: string;
  /** "This file was being sent before: going on from {percent}%" */
  known_file: string;
  /** "The file changed or can no longer be read, perhaps because it lies in a cloud drive. {percent}%
   * was sent and is kept. Save the file on this device, then choose it again" */
  file_changed: string;
  /** "Choose the same file again; goes on from {percent}%, not from the start" (unfinished list) */
  choose_again: string;
  /** "Unfinished uploads" (heading) */
  unfinished: string;
  /** "{name} · {size}" (one unfinished upload) */
  unfinished_name: string;
  /** "The file is larger ({size}) than this site takes ({limit}). Nothing was sent. Choose a smaller one" */
  too_large: string;
  /** "There is not enough space for this file ({size}). … Nothing was sent. …" */
  no_share: string;
  /** "The file is empty. Choose another file" */
  empty: string;
  /** "The server has no room left. {percent}% is kept. Tell the administrator, then press Go on" */
  no_room: string;
  waits_for_room: string;
  /** "You are signed out. What was sent is kept. Sign in again; the file goes on from there" */
  signed_out: string;
  /** "The server refused the file. What was sent is kept. Try again, or tell the administrator" */
  refused: string;
  /** "Try again" (button) */
  retry: string;
  /** "Looking whether the file can be made smaller" */
  examining: string;
  /** "This recording is larger than needed to watch it. A smaller one is sent sooner …" */
  smaller_offer: string;
  /** "… A smaller one uses less data, but takes longer on this device …" */
  smaller_saves: string;
  /** "Make it smaller first ({size}, about {time})" — ย่อก่อนส่ง (95 MB ประมาณ 4 นาที) */
  smaller_yes: string;
  /** "Send the full file ({size}, about {time})" — ส่งไฟล์เต็ม (1.3 GB ประมาณ 45 นาที) */
  smaller_no: string;
  /** "Making it smaller {percent}%" */
  making_smaller: string;
  /** "Closing this page does no harm: it goes on when you open it again" */
  smaller_stays: string;
  /** "Leave this page open until it has been made smaller" */
  smaller_leaves: string;
  /** "Stop, and send the full file" (button) */
  smaller_stop: string;
  /** "It could not be made smaller. The full file is sent instead" */
  smaller_failed: string;
  /** "Goes on from the last time by itself" */
  smaller_goes_on: string;
  /** "It was not made smaller to the end last time … Choose the same file again" */
  smaller_again: string;
  /** "Do not send it" (button) */
  smaller_forget: string;
  /** "Files are still being sent" (browser asks before leaving) */
  leave: string;
}

/** Words in `data-keep` and `data-kept`: lessons kept in the browser. */
export interface KeptWords {
  /** "Keeping {percent}% · {done} of {total}. Leave this page open" */
  keeping: string;
  /** "The connection is gone. {percent}% was fetched; goes on by itself" */
  waiting: string;
  /** "Kept in this browser. It plays without a connection" */
  kept: string;
  /** "Show what is kept" (link) */
  open: string;
  /** "Stop" (button) */
  cancel: string;
  /** "Stopped. Nothing of it is kept" */
  stopped: string;
  /** "This lesson may no longer be saved" */
  refused: string;
  /** "It could not be kept. Nothing of it takes up space. Try again later" */
  failed: string;
  /** "There is not enough space on this device: {size} is needed, {free} is free. …" */
  no_space: string;
  /** "Nothing is kept in this browser yet. …" */
  nothing: string;
  /** "Takes up {size} on this device" */
  uses: string;
  /** "Remove" (button) */
  remove: string;
  /** "Removed. {size} is free again" */
  removed: string;
  /** "Play" (button) */
  play: string;
  /** "This browser cannot keep lessons. Save the file instead" */
  unsupported: string;
}

/** Words in `data-words` of `<body>` (site-wide behaviours); each optional. */
export interface SiteWords {
  /** "Copied" (after a copy button) */
  copied?: string;
  /** "Could not copy: select the text and copy it" */
  copy_failed?: string;
  answers_refused: string;
  /** "Waiting in line (place {place})" — รอคิว (ลำดับที่ 3) */
  state_waiting?: string;
  /** "Preparing the video {percent}%" — กำลังเตรียมวิดีโอ 40%; the same for every kind of file */
  preparing_unknown?: string;
  preparing_video?: string;
  preparing_audio?: string;
  preparing_document?: string;
  preparing_image?: string;
  preparing_package?: string;
  /** "Ready to watch" — พร้อมดู; the same for every kind of file */
  ready_video?: string;
  ready_audio?: string;
  ready_document?: string;
  ready_image?: string;
  ready_package?: string;
  /** "The first {time} can be watched; the rest is being prepared" */
  state_partly?: string;
  /** "This file cannot be opened …" (with what to do; see the wording guide) */
  state_failed?: string;
  /** "The end of the file is missing; {time} can be watched …" */
  state_cut_off?: string;
  /** "All of it can be watched in about {time}." */
  left_watchable?: string;
  /** "Sharper pictures will be ready in about {time}." */
  left_sharper?: string;
  /** "{count} seconds" */
  seconds?: string;
  /** "{count} minutes" */
  minutes?: string;
  /** "{minutes} minutes {seconds} seconds" */
  minutes_seconds?: string;
}

/** Words of the search box (`data-words` beside `data-suggest`). */
export interface SuggestionWords {
  /** "Suggestions" (the list, read aloud) */
  suggestions: string;
  /** "Lesson" (beside a title) */
  lesson: string;
  /** "Course" (beside a title) */
  course: string;
  /** "{count} suggestions. Choose one with the arrow keys" (read aloud) */
  some: string;
  /** "No suggestions" (read aloud) */
  none: string;
}
