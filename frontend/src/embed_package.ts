import "./fonts.css";
import "../styles/index.css";
import "./package";

// A package in a frame of another site: its player, and not the one of videos.
