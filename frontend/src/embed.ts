import "./fonts.css";
import "../styles/index.css";
import { mountPlayers } from "./player_mount";

// The same player in a frame of another site: its ticket stands in the page, and neither cookies
// nor storage are needed (memory.ts does without).
mountPlayers();
