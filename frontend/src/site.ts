import "./fonts.css";
import "../styles/index.css";
